package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// plainKey ends the key of the sentence that says the same without the value:
// pages show "x is no address" beside a field, a program gets the pointer.
const plainKey = ".plain"

// unechoed is err in words that repeat nothing of the input: by the plain
// sentence of its key where the catalogue has one, else, when an argument was
// in the input, by a sentence without arguments.
func unechoed(ctx context.Context, err error, input reflect.Value) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Args) == 0 && len(f.Fields) == 0 {
		return err
	}
	l := i18n.FromContext(ctx)
	safe := func(key string, args fault.Args, other string) (string, fault.Args) {
		switch {
		case len(args) == 0:
			return key, args
		case i18n.Has(l, key+plainKey):
			return key + plainKey, nonText(args)
		case quotes(args, input):
			return other, nil
		}
		return key, args
	}
	out := *f
	out.Key, out.Args = safe(f.Key, f.Args, "fault."+f.Kind.String())
	out.Fields = make([]fault.Field, len(f.Fields))
	for i, w := range f.Fields {
		w.Key, w.Args = safe(w.Key, w.Args, "api.field.format")
		out.Fields[i] = w
	}
	return &out
}

// nonText are the arguments that are no texts: numbers of lines, limits.
func nonText(args fault.Args) fault.Args {
	out := fault.Args{}
	for name, v := range args {
		if reflect.ValueOf(v).Kind() != reflect.String {
			out[name] = v
		}
	}
	return out
}

// quotes reports whether a text among args came with the input.
func quotes(args fault.Args, input reflect.Value) bool {
	for _, v := range args {
		if t := reflect.ValueOf(v); t.Kind() == reflect.String && len(t.String()) > 1 && holds(input, t.String()) {
			return true
		}
	}
	return false
}

// holds reports whether text is one of the texts in v, or a part of a file.
func holds(v reflect.Value, text string) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.EqualFold(v.String(), text)
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && holds(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && holds(v.Field(i), text) {
				return true
			}
		}
	case reflect.Slice:
		if v.Type() == rawMessage {
			var x any
			return json.Unmarshal(v.Bytes(), &x) == nil && holds(reflect.ValueOf(x), text)
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return bytes.Contains(v.Bytes(), []byte(text))
		}
		for i := range v.Len() {
			if holds(v.Index(i), text) {
				return true
			}
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if holds(i.Key(), text) || holds(i.Value(), text) {
				return true
			}
		}
	}
	return false
}

// atParameter names the parameter that an error means: services call the place
// where a page begins cursor or before, or say only that it is wrong.
func atParameter(err error, in reflect.Type) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || !takesAfter(in) {
		return err
	}
	out := *f
	if len(f.Fields) == 0 && strings.HasSuffix(f.Key, "cursor") {
		out.Key, out.Args, out.Fields = "api.invalid", nil, []fault.Field{{Path: "after", Key: f.Key, Args: f.Args}}
	}
	out.Fields = slices.Clone(out.Fields)
	for i, w := range out.Fields {
		if w.Path == "cursor" || w.Path == "before" || w.Path == "after" {
			out.Fields[i].Path = "query:after"
		}
	}
	return &out
}
