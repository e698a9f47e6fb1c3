package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"strings"

	"ore.edu.pl/sieci/core/fault"
)

// algorithm is the only one; the field is there so that another can follow.
const algorithm = "ed25519"

// Signature is a key's signature over a manifest's exact bytes. The public key
// stands beside it so that a file can be checked alone; whether anybody trusts
// that key is the catalogue's to say.
type Signature struct {
	Key   ed25519.PublicKey
	Bytes []byte
}

type signatureJSON struct {
	Algorithm string `json:"algorithm"`
	PublicKey []byte `json:"public_key"`
	Signature []byte `json:"signature"`
}

func signatureOf(raw []byte, key ed25519.PrivateKey) signatureJSON {
	return signatureJSON{algorithm, key.Public().(ed25519.PublicKey), ed25519.Sign(key, raw)}
}

func parseSignature(raw []byte) (*Signature, error) {
	var s signatureJSON
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(&s)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF { // Token returns it bare
			err = refuse("signature")
		}
	}
	if err != nil || s.Algorithm != algorithm || len(s.PublicKey) != ed25519.PublicKeySize || len(s.Signature) != ed25519.SignatureSize {
		return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.signature")
	}
	return &Signature{s.PublicKey, s.Signature}, nil
}

// KeyID names a public key to people: the beginning of its SHA-256, 16 digits.
// Nothing is decided by it alone.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Namespace is the first half of a plugin's id.
func Namespace(id string) string {
	ns, _, _ := strings.Cut(id, ".")
	return ns
}

// The two halves of a key lie in PEM files as other programs write them:
// PKCS #8 and SubjectPublicKeyInfo.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// EncodePrivate writes a private key as PEM.
func EncodePrivate(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), err
}

// EncodePublic writes a public key as PEM.
func EncodePublic(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der}), err
}

// ParsePrivate reads what [EncodePrivate] writes; fault.Invalid otherwise.
func ParsePrivate(raw []byte) (ed25519.PrivateKey, error) {
	if b, _ := pem.Decode(raw); b != nil && b.Type == privateBlock {
		if k, err := x509.ParsePKCS8PrivateKey(b.Bytes); err == nil {
			if key, ok := k.(ed25519.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, "plugin.key.private")
}

// ParsePublic reads what [EncodePublic] writes; fault.Invalid otherwise, with a
// sentence of its own for a private key, which must stay at home.
func ParsePublic(raw []byte) (ed25519.PublicKey, error) {
	b, _ := pem.Decode(raw)
	if b != nil && b.Type == privateBlock {
		return nil, fault.New(fault.Invalid, "plugin.key.secret")
	}
	if b != nil && b.Type == publicBlock {
		if k, err := x509.ParsePKIXPublicKey(b.Bytes); err == nil {
			if key, ok := k.(ed25519.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, "plugin.key.public")
}
