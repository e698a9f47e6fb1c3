package ballot

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
)

// Lengths of the parts of a code, in characters of 5 bits: which ballot, a
// random number (100 bits: nobody finds it from its digest), and the proof that
// this ballot gave it out (75 bits: nobody guesses one over the network).
const (
	slugLength  = 5
	nonceLength = 20
	proofLength = 15
	codeLength  = slugLength + nonceLength + proofLength
)

// Code opens one paper. It is a secret of the person who got it.
type Code string

// NewNonce is the random part of a code to be. A form that asks for a code
// carries one, so that sending it twice gives the same code.
func NewNonce() string { return rand.Text()[:nonceLength] }

// ValidNonce reports whether s may be the random part of a code.
func ValidNonce(s string) bool { return len(s) == nonceLength && letters(s) }

// ParseCode reads a code as people write it: spaces and dashes do not count,
// nor does the case; digits that look like letters are taken for them.
func ParseCode(s string) (Code, bool) {
	if len(s) > 4*codeLength {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0', '–':
			return -1
		case '0':
			return 'O'
		case '1':
			return 'I'
		case '8':
			return 'B'
		}
		return r
	}, strings.ToUpper(s))
	if len(s) != codeLength || !letters(s) {
		return "", false
	}
	return Code(s), true
}

// Grouped is the code for people, in groups of five.
func (c Code) Grouped() string {
	var b strings.Builder
	for i := 0; i < len(c); i += 5 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(string(c[i:min(i+5, len(c))]))
	}
	return b.String()
}

func (c Code) slug() string  { return string(c[:slugLength]) }
func (c Code) nonce() string { return string(c[slugLength : slugLength+nonceLength]) }

// hash is under what a paper lies.
func (c Code) hash() []byte {
	sum := sha256.Sum256([]byte(c))
	return sum[:]
}

func letters(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == "" }

// key derives one of the ballot's keys from the installation's and from the
// ballot's own secret: neither is enough alone.
func (b *Box) key(secret []byte, purpose string) []byte {
	m := hmac.New(sha256.New, b.c.Key)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write(secret)
	return m.Sum(nil)
}

// mint makes the code of a random number.
func (b *Box) mint(secret []byte, slug, nonce string) Code {
	m := hmac.New(sha256.New, b.key(secret, "code"))
	m.Write([]byte(slug + nonce))
	proof := base32.StdEncoding.EncodeToString(m.Sum(nil))[:proofLength]
	return Code(slug + nonce + proof)
}

// genuine reports whether the ballot gave the code out.
func (b *Box) genuine(secret []byte, c Code) bool {
	return subtle.ConstantTimeCompare([]byte(b.mint(secret, c.slug(), c.nonce())), []byte(c)) == 1
}

// receipt recognises a form that is sent twice. It cannot be turned back into
// the random number, nor into the digest under which the paper lies.
func receipt(nonce string) []byte {
	sum := sha256.Sum256([]byte("sieci ballot receipt " + nonce))
	return sum[:]
}
