package record

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
)

// maxText is the contract's limit of a text value, in characters.
const maxText = 500

// encode writes a value as the text that its column takes: numbers in decimal,
// booleans as 0 and 1, dates as days and instants as microseconds since
// 1970-01-01. ok is false when the value is not of the type.
func encode(t effect.FieldType, v effect.Value) (string, bool) {
	switch t {
	case effect.FieldText:
		s, ok := v.(string)
		return s, ok && utf8.RuneCountInString(s) <= maxText
	case effect.FieldRef:
		id, ok := v.(uuid.UUID)
		return id.String(), ok
	case effect.FieldInteger:
		n, ok := v.(int64)
		return strconv.FormatInt(n, 10), ok
	case effect.FieldNumber:
		switch n := v.(type) {
		case float64:
			return strconv.FormatFloat(n, 'g', -1, 64), !math.IsNaN(n) && !math.IsInf(n, 0)
		case int64:
			return strconv.FormatInt(n, 10), true
		}
	case effect.FieldBoolean:
		b, ok := v.(bool)
		if b {
			return "1", ok
		}
		return "0", ok
	case effect.FieldDate:
		d, ok := v.(effect.Date)
		day, err := time.Parse(time.DateOnly, string(d))
		return strconv.FormatInt(day.Unix()/86400, 10), ok && err == nil
	case effect.FieldInstant:
		at, ok := v.(time.Time)
		return strconv.FormatInt(at.UnixMicro(), 10), ok
	}
	return "", false
}

// decode is the reverse of encode for what the database returned.
func decode(t effect.FieldType, s string) effect.Value {
	switch t {
	case effect.FieldRef:
		id, err := uuid.Parse(s)
		if err != nil {
			return nil
		}
		return id
	case effect.FieldInteger:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil
		}
		return n
	case effect.FieldNumber:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil
		}
		return n
	case effect.FieldBoolean:
		return s == "1"
	case effect.FieldDate:
		n, _ := strconv.ParseInt(s, 10, 64)
		return effect.Date(time.Unix(n*86400, 0).UTC().Format(time.DateOnly))
	case effect.FieldInstant:
		n, _ := strconv.ParseInt(s, 10, 64)
		return time.UnixMicro(n).UTC()
	}
	return s
}
