package facade

import (
	"context"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"ore.edu.pl/sieci/core/effect"
)

// What a core of a later revision of the contract says: values of enumerations
// and fields that nobody knows today. v1 promises that a module survives both.
const (
	laterValue protoreflect.EnumNumber = 9999
	laterField protowire.Number        = 18000
	laterText                          = "pole z późniejszej wersji"
)

// DecideLater asks as [V1.Decide] does, in the words of a later core. What the
// module makes of them is its own matter: only the error says something.
func (v *V1) DecideLater(ctx context.Context, a *effect.Ask) error {
	req, err := decideRequest(a)
	if err != nil {
		return v.bad("Decide", err)
	}
	age(req.ProtoReflect())
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	if _, err := v.client.Decide(ctx, req); err != nil {
		return v.fail("Decide", err)
	}
	return nil
}

// age puts a later value into every enumeration and an unknown field into every
// message.
func age(m protoreflect.Message) {
	var enums []protoreflect.FieldDescriptor
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			if f.MapValue().Kind() == protoreflect.MessageKind {
				v.Map().Range(func(_ protoreflect.MapKey, x protoreflect.Value) bool { age(x.Message()); return true })
			}
		case f.Kind() == protoreflect.EnumKind && !f.IsList():
			enums = append(enums, f)
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for i := range v.List().Len() {
				age(v.List().Get(i).Message())
			}
		case f.Kind() == protoreflect.MessageKind:
			age(v.Message())
		}
		return true
	})
	for _, f := range enums {
		m.Set(f, protoreflect.ValueOfEnum(laterValue))
	}
	later := protowire.AppendTag(nil, laterField, protowire.BytesType)
	m.SetUnknown(protowire.AppendString(later, laterText))
}
