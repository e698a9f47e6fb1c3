package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// tokenBytes is the size of cookies, tokens and links: 256 random bits.
const tokenBytes = 32

// newToken makes a secret and its hash. rand.Read never fails (it aborts the
// process when the system has no randomness).
func newToken() (token string, hash []byte) {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:])
	token = base64.RawURLEncoding.EncodeToString(b[:])
	h := sha256.Sum256(b[:])
	return token, h[:]
}

// hashToken is the hash of a token as sent by a browser; false when it cannot
// be one, which spares the query.
func hashToken(token string) ([]byte, bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, false
	}
	h := sha256.Sum256(raw)
	return h[:], true
}
