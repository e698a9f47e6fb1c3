package form

import (
	"time"

	"github.com/google/uuid"

	"ore.edu.pl/sieci/core/fault"
)

// Slot is the type of an index field of a record.
type Slot string

// The slot types and the Go values that [Extract] returns for them.
const (
	SlotInt     Slot = "int"     // int64
	SlotDecimal Slot = "decimal" // float64
	SlotDate    Slot = "date"    // time.Time, midnight UTC
	SlotTime    Slot = "time"    // time.Time, an instant in UTC
	SlotText    Slot = "text"    // string
	SlotBool    Slot = "bool"    // bool
	SlotUUID    Slot = "uuid"    // uuid.UUID
)

// Extract reads the value of an index field from answers by path. A missing
// answer is nil. Repeated groups give the number of their rows, multi and file
// the number of values (SlotInt). A value that does not fit the slot is
// fault.Invalid with the path.
func Extract(a Answers, path string, slot Slot) (any, error) {
	v, ok := a.At(path)
	if !ok || empty(v) {
		return nil, nil
	}
	if out := fit(v, slot); out != nil {
		return out, nil
	}
	return nil, fault.InvalidFields(fault.Field{Path: path, Key: "form.slot", Args: fault.Args{"Slot": string(slot)}})
}

func fit(v any, slot Slot) any {
	switch slot {
	case SlotInt:
		switch x := v.(type) {
		case int64:
			return x
		case []string:
			return int64(len(x))
		case []Row:
			return int64(len(x))
		}
	case SlotDecimal:
		if n, ok := number(v); ok {
			return n
		}
	case SlotBool:
		if b, ok := v.(bool); ok {
			return b
		}
	case SlotText:
		switch x := v.(type) {
		case string:
			return x
		case Ref:
			return x.ID
		}
	case SlotDate, SlotTime:
		layout := map[Slot]string{SlotDate: dateForm, SlotTime: dateTimeForm}[slot]
		s, _ := v.(string)
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	case SlotUUID:
		s, _ := word(v)
		if id, err := uuid.Parse(s); err == nil {
			return id
		}
	}
	return nil
}

// FitsSlot reports whether the item at a path of the form can fill the slot;
// for checking a module's description before any answer exists.
func FitsSlot(f *Form, path string, slot Slot) bool {
	id, row := cutRow(path)
	n := f.index().node[id]
	if n == nil || n.home != "" {
		return false
	}
	if row != "" {
		return slot == SlotText && n.item.Type == TypeMatrix && hasMatrixRow(n.item, row)
	}
	switch t := n.item.Type; slot {
	case SlotInt:
		return t == TypeInteger || t == TypeScale || t == TypeMulti || t == TypeFile || n.item.Repeated()
	case SlotDecimal:
		return t == TypeDecimal || t == TypeInteger || t == TypeScale
	case SlotBool:
		return t == TypeBool
	case SlotDate:
		return t == TypeDate
	case SlotTime:
		return t == TypeDateTime
	case SlotText:
		return t == TypeText || t == TypeLongText || t == TypeChoice || t == TypeRef || t == TypeTime || t == TypeDate
	case SlotUUID:
		return t == TypeRef || t == TypeText
	}
	return false
}
