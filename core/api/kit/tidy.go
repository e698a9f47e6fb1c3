package kit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"ore.edu.pl/sieci/core/web/kit"
)

// tidy does to every text of an operation's input what the forms of the pages
// do: Unicode NFC, no control characters, no marks that turn the direction of
// reading, no space around ([kit.Clean]). Texts inside JSON documents are
// texts, too; files and what is tagged raw:"true" (passwords) stay as sent.
func tidy(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(kit.Clean(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			tidy(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() {
			v.Set(reflect.ValueOf(tidyAny(v.Interface())))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("raw") != "true" {
				tidy(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type() == rawMessage {
			v.SetBytes(tidyJSON(v.Bytes()))
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			tidy(v.Index(i))
		}
	case reflect.Map:
		tidyMap(v)
	}
}

var rawMessage = reflect.TypeFor[json.RawMessage]()

// tidyMap rewrites a map: its values cannot be changed in place.
func tidyMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for i := v.MapRange(); i.Next(); {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(i.Key())
		value.Set(i.Value())
		tidy(key)
		tidy(value)
		out.SetMapIndex(key, value)
	}
	v.Set(out)
}

// tidyAny is tidy for what JSON decodes into an empty interface.
func tidyAny(x any) any {
	switch x := x.(type) {
	case string:
		return kit.Clean(x)
	case []any:
		for i := range x {
			x[i] = tidyAny(x[i])
		}
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[kit.Clean(k)] = tidyAny(e)
		}
		return out
	}
	return x
}

func untidy(x any) bool {
	switch x := x.(type) {
	case string:
		return kit.Clean(x) != x
	case []any:
		return slices.ContainsFunc(x, untidy)
	case map[string]any:
		for k, e := range x {
			if untidy(k) || untidy(e) {
				return true
			}
		}
	}
	return false
}

// tidyJSON is tidy for a document that is kept as JSON. One that is tidy or does
// not parse stays to the letter: who reads it says what is wrong.
func tidyJSON(raw []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // long numbers keep their digits
	var x any
	if d.Decode(&x) != nil || !untidy(x) {
		return raw
	}
	out, err := json.Marshal(tidyAny(x))
	if err != nil {
		return raw
	}
	return out
}
