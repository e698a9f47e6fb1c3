package record

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// A cursor is the place of the last row: its values in the slice's order and
// its id, signed together with what the slice is. A cursor of another slice, of
// another scope or made by hand is refused; it could not widen anything (the
// scopes are in the WHERE clause), but its rows would be nonsense.
type cursor struct {
	Values []*string `json:"v,omitempty"`
	ID     uuid.UUID `json:"i"`
}

const macSize = 16 // 128 bits of HMAC-SHA256 are beyond guessing

func (s *Service) mac(sum, payload []byte) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write(sum)
	m.Write(payload)
	return m.Sum(nil)[:macSize]
}

func (s *Service) seal(sum []byte, c cursor) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(s.mac(sum, payload), payload...)), nil
}

func (s *Service) open(sum []byte, text string, values int) (cursor, error) {
	var c cursor
	refused := fault.InvalidFields(fault.Field{Path: "cursor", Key: "record.bad_cursor"})
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < macSize || !hmac.Equal(raw[:macSize], s.mac(sum, raw[macSize:])) {
		return c, refused
	}
	if err := json.Unmarshal(raw[macSize:], &c); err != nil || len(c.Values) != values {
		return c, refused
	}
	return c, nil
}

// sliceSum names the slice: source, module, kind, scopes, conditions, order.
// Values that the engine filled in for "now" and "today" are left out: they
// move on between two pages.
func sliceSum(r *effect.SliceRequest) []byte {
	type condition struct {
		Field string
		Op    effect.Operator
		Value any
		Param string
	}
	conditions := make([]condition, len(r.Filters))
	for i, f := range r.Filters {
		conditions[i] = condition{f.Field, f.Op, f.Value, f.Param}
		if f.Param == effect.ParamNow || f.Param == effect.ParamToday {
			conditions[i].Value = nil
		}
	}
	raw, err := json.Marshal([]any{"record", r.Module, r.Kind, r.Scopes, conditions, r.Order})
	if err != nil {
		return nil // a value that JSON cannot hold was refused by encode before
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}
