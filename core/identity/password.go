package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// Lengths of a password in characters (ASVS 5.0, 6.2.1 and 6.2.9): no rules
// about which characters, pasting allowed.
const (
	MinPassword         = 8
	RecommendedPassword = 15
	MaxPassword         = 200
)

// Parameters of argon2id: OWASP's first choice for 19 MiB; about 20 ms.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltBytes    = 16
	keyBytes     = 32
)

// hasher bounds how many passwords are hashed at once, so that a storm of
// sign-ins costs neither all memory nor all processors.
type hasher struct{ slots chan struct{} }

func newHasher(n int) *hasher { return &hasher{make(chan struct{}, n)} }

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "fault.unavailable")
	}
}

func (h *hasher) leave() { <-h.slots }

// hash makes the stored form, in the PHC notation, which names its parameters.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:])
	key := argon2.IDKey([]byte(password), salt[:], argonTime, argonMemory, argonThreads, keyBytes)
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, enc(salt[:]), enc(key)), nil
}

// nobody's hash is compared when there is no account, so that the answer takes
// as long; no password has it.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// verify compares a password with a stored hash; an empty hash costs the same
// and never matches.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	known := stored != ""
	if !known {
		stored = nobody
	}
	var version, memory, time, threads int
	var saltText, keyText string
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("identity: stored hash of an unknown kind")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, fmt.Errorf("identity: stored hash: %w", err)
	}
	saltText, keyText = parts[4], parts[5]
	salt, err := base64.RawStdEncoding.DecodeString(saltText)
	if err != nil {
		return false, fmt.Errorf("identity: stored salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(keyText)
	if err != nil || len(want) == 0 {
		return false, fmt.Errorf("identity: stored key: %v", err)
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	got := argon2.IDKey([]byte(password), salt, uint32(time), uint32(memory), uint8(threads), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// tidyPassword makes the same password of what different keyboards send: NFC.
func tidyPassword(p string) string { return norm.NFC.String(p) }

//go:embed common.txt
var commonText string

var common = loadCommon(commonText)

func loadCommon(text string) map[string]struct{} {
	m := make(map[string]struct{}, 4096)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = struct{}{}
		}
	}
	return m
}

// checkPassword adds what is wrong with a new password to f. mine are words
// that must not be the password: name and address.
func checkPassword(f *fault.Fields, path, password string, mine ...string) {
	switch n := utf8.RuneCountInString(password); {
	case password == "":
		f.Add(path, "identity.password_missing")
	case n < MinPassword:
		f.Add(path, "identity.password_short", "Min", MinPassword)
	case n > MaxPassword:
		f.Add(path, "identity.password_long", "Max", MaxPassword)
	case isCommon(password):
		f.Add(path, "identity.password_common")
	case isOwn(password, mine):
		f.Add(path, "identity.password_own")
	}
}

func isCommon(password string) bool {
	p := fold.Text(password)
	if _, ok := common[p]; ok {
		return true
	}
	// "Katarzyna1987!" is no better than the name.
	base := strings.TrimRight(p, "!.?*#@$")
	if word := strings.TrimRight(base, "0123456789"); word != "" && len(base)-len(word) <= 4 {
		if _, ok := common[word]; ok {
			return true
		}
	}
	return monotone(p)
}

// monotone reports one short piece repeated ("abababab", "1231231231") or a
// run of neighbours ("12345678", "hgfedcba").
func monotone(p string) bool {
	for size := 1; size <= 4 && size*2 <= len(p); size++ {
		if strings.Repeat(p[:size], len(p)/size+1)[:len(p)] == p {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(p); i++ {
		up = up && p[i] == p[i-1]+1
		down = down && p[i] == p[i-1]-1
	}
	return up || down
}

func isOwn(password string, mine []string) bool {
	p := strings.TrimRight(strings.ReplaceAll(fold.Text(password), " ", ""), "0123456789!.")
	for _, m := range mine {
		local, _, _ := strings.Cut(m, "@")
		for _, w := range []string{m, local} {
			if w = strings.ReplaceAll(fold.Text(w), " ", ""); len(w) >= 4 && p == w {
				return true
			}
		}
	}
	return false
}
