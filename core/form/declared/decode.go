package declared

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a document. The vocabulary needs about
// fifteen levels; more only serves to exhaust a reader.
const maxDepth = 32

// Union is a field type that holds one of several structs; the strict reader
// asks it which one a piece of JSON is. ok is false for an unknown one.
type Union interface {
	Variant(raw json.RawMessage) (t reflect.Type, ok bool)
}

var (
	unionType = reflect.TypeFor[Union]()
	textType  = reflect.TypeFor[Text]()
	rawTypes  = reflect.TypeFor[json.Unmarshaler]()
)

// Decode reads raw into v, a pointer to a struct. Unlike encoding/json it
// refuses unknown, repeated and differently-cased members, each with its path,
// and reads at most max bytes. Findings go to r; it returns false when v must
// not be used.
func Decode(raw []byte, max int, v any, r *Report) bool {
	if len(raw) > max {
		r.Add("", "too_large", "Max", max/1024)
		return false
	}
	if !utf8.Valid(raw) {
		r.Add("", "not_utf8")
		return false
	}
	if !shallow(raw) {
		r.Add("", "json_depth", "Max", maxDepth)
		return false
	}
	if !json.Valid(raw) {
		r.Add("", "json")
		return false
	}
	before := len(r.list)
	strict(raw, reflect.TypeOf(v).Elem(), "", r)
	if len(r.list) > before {
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		r.Add("", "json")
		return false
	}
	return true
}

// shallow counts brackets outside strings; it runs before any recursion.
func shallow(raw []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

func strict(raw json.RawMessage, t reflect.Type, path string, r *Report) {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" {
		if !nullable(t) {
			r.Add(path, "json_type")
		}
		return
	}
	if t.Implements(unionType) {
		variant, ok := reflect.Zero(t).Interface().(Union).Variant(raw)
		if !ok {
			r.Add(path+".type", "unknown_type")
			return
		}
		t = variant
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == textType:
		strictText(raw, path, r)
	case t.Kind() == reflect.Interface:
		noRepeats(raw, path, r)
	case reflect.PointerTo(t).Implements(rawTypes):
		noRepeats(raw, path, r)
		if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
			r.Add(path, "json_type")
		}
	case t.Kind() == reflect.Struct:
		strictStruct(raw, t, path, r)
	case t.Kind() == reflect.Map:
		eachMember(raw, path, r, func(key string, value json.RawMessage) {
			strict(value, t.Elem(), join(path, key), r)
		})
	case t.Kind() == reflect.Slice:
		eachElement(raw, path, r, func(i int, value json.RawMessage) {
			strict(value, t.Elem(), path+"["+strconv.Itoa(i)+"]", r)
		})
	default:
		if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
			r.Add(path, "json_type")
		}
	}
}

// nullable: absent values, and types that read JSON themselves (cells of a table).
func nullable(t reflect.Type) bool {
	switch {
	case t.Kind() == reflect.Interface, t.Kind() == reflect.Pointer:
		return true
	case t == textType, t.Implements(unionType):
		return false
	}
	return reflect.PointerTo(t).Implements(rawTypes)
}

func strictText(raw json.RawMessage, path string, r *Report) {
	if raw[0] == '"' {
		return
	}
	eachMember(raw, path, r, func(key string, value json.RawMessage) {
		if value[0] != '"' {
			r.Add(join(path, key), "json_type")
		}
	})
}

func strictStruct(raw json.RawMessage, t reflect.Type, path string, r *Report) {
	eachMember(raw, path, r, func(key string, value json.RawMessage) {
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && name == key && name != "-" {
				strict(value, f.Type, join(path, key), r)
				return
			}
		}
		r.Add(join(path, key), "unknown_field", "Name", key)
	})
}

// noRepeats checks values of free shape for repeated members only.
func noRepeats(raw json.RawMessage, path string, r *Report) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
	case raw[0] == '{':
		eachMember(raw, path, r, func(key string, value json.RawMessage) { noRepeats(value, join(path, key), r) })
	case raw[0] == '[':
		eachElement(raw, path, r, func(i int, value json.RawMessage) {
			noRepeats(value, path+"["+strconv.Itoa(i)+"]", r)
		})
	}
}

func join(path, key string) string {
	if len(key) > 60 {
		key = key[:60]
	}
	if path == "" {
		return strings.ToValidUTF8(key, "")
	}
	return path + "." + strings.ToValidUTF8(key, "")
}

func eachMember(raw json.RawMessage, path string, r *Report, do func(string, json.RawMessage)) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		r.Add(path, "json_type")
		return
	}
	seen := map[string]bool{}
	for d.More() {
		tok, err := d.Token()
		key, ok := tok.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			r.Add(path, "json")
			return
		}
		if seen[key] {
			r.Add(join(path, key), "repeated_field", "Name", key)
			continue
		}
		seen[key] = true
		do(key, bytes.TrimSpace(value))
	}
}

func eachElement(raw json.RawMessage, path string, r *Report, do func(int, json.RawMessage)) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := d.Token(); err != nil || tok != json.Delim('[') {
		r.Add(path, "json_type")
		return
	}
	for i := 0; d.More(); i++ {
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			if err != io.EOF {
				r.Add(path, "json")
			}
			return
		}
		do(i, bytes.TrimSpace(value))
	}
}
