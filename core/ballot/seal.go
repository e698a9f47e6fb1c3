package ballot

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// padTo hides the length of what is sealed, in bytes.
const padTo = 512

var errSealed = errors.New("ballot: a sealed paper cannot be opened")

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts text (AES-256-GCM), bound to the paper by its hash.
func seal(key, hash, text []byte) ([]byte, error) {
	c, err := aead(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, (4+len(text)+padTo-1)/padTo*padTo)
	binary.BigEndian.PutUint32(plain, uint32(len(text)))
	copy(plain[4:], text)
	nonce := make([]byte, c.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return c.Seal(nonce, nonce, plain, hash), nil
}

// unseal is the reverse of seal.
func unseal(key, hash, sealed []byte) ([]byte, error) {
	c, err := aead(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < c.NonceSize() {
		return nil, errSealed
	}
	plain, err := c.Open(nil, sealed[:c.NonceSize()], sealed[c.NonceSize():], hash)
	if err != nil || len(plain) < 4 {
		return nil, errSealed
	}
	n := binary.BigEndian.Uint32(plain)
	if int64(n) > int64(len(plain)-4) {
		return nil, errSealed
	}
	return plain[4 : 4+n], nil
}

// draftKey is the key of what is being written: whoever has not the code cannot
// read it, the platform included.
func (c Code) draftKey() []byte {
	sum := sha256.Sum256([]byte("sieci ballot draft " + string(c)))
	return sum[:]
}
