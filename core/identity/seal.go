package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
)

// errSeal is a sealed text that this installation did not make.
var errSeal = errors.New("identity: not sealed by this installation")

// sealer encrypts what must be readable again: keys of authenticator
// applications, and what a browser carries between two steps (AES-256-GCM).
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &sealer{aead}, err
}

// seal encrypts; what is the purpose and the owner, without which nothing opens.
func (s *sealer) seal(plain []byte, what string) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return s.aead.Seal(nonce, nonce, plain, []byte(what))
}

func (s *sealer) open(sealed []byte, what string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errSeal
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(what))
	if err != nil {
		return nil, errSeal
	}
	return plain, nil
}

// sealText and openText are seal and open for fields of forms.
func (s *sealer) sealText(plain []byte, what string) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(plain, what))
}

func (s *sealer) openText(text, what string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errSeal
	}
	return s.open(raw, what)
}
