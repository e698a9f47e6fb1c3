package declared

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	known := membersOf(t)
	eachMember(raw, path, r, func(key string, value json.RawMessage) {
		if ft, ok := known[key]; ok {
			strict(value, ft, join(path, key), r)
			return
		}
		r.Add(join(path, key), "unknown_field", "Name", key)
	})
}

var memberCache sync.Map // reflect.Type → map[string]reflect.Type

func membersOf(t reflect.Type) map[string]reflect.Type {
	if m, ok := memberCache.Load(t); ok {
		return m.(map[string]reflect.Type)
	}
	m := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "" && name != "-" {
			m[name] = f.Type
		}
	}
	memberCache.Store(t, m)
	return m
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

// eachMember calls do for the members of an object. raw is valid JSON (Decode
// checked), so that one fast pass finds the ends of values; decoding each level
// anew would cost ten times as much.
func eachMember(raw json.RawMessage, path string, r *Report, do func(string, json.RawMessage)) {
	if raw[0] != '{' {
		r.Add(path, "json_type")
		return
	}
	var few [16]string
	seen := few[:0]
	for i := space(raw, 1); raw[i] != '}'; {
		end := value(raw, i)
		key := unquote(raw[i:end])
		i = space(raw, space(raw, end)+1) // past the colon
		end = value(raw, i)
		if slices.Contains(seen, key) {
			r.Add(join(path, key), "repeated_field", "Name", key)
		} else {
			seen = append(seen, key)
			do(key, raw[i:end])
		}
		if len(seen) > maxMembers {
			r.Add(path, "json_type")
			return
		}
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
}

// maxMembers bounds one object; the vocabulary's largest are maps of lists.
const maxMembers = 400

func eachElement(raw json.RawMessage, path string, r *Report, do func(int, json.RawMessage)) {
	if raw[0] != '[' {
		r.Add(path, "json_type")
		return
	}
	n := 0
	for i := space(raw, 1); raw[i] != ']'; n++ {
		end := value(raw, i)
		do(n, raw[i:end])
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
}

// space is the first place from i on that is not white space.
func space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// value is the end of the value that begins at i.
func value(raw []byte, i int) int {
	switch raw[i] {
	case '"':
		return text(raw, i)
	case '{', '[':
		depth := 0
		for ; i < len(raw); i++ {
			switch raw[i] {
			case '"':
				i = text(raw, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return i
	}
	for i < len(raw) && raw[i] != ',' && raw[i] != '}' && raw[i] != ']' && raw[i] > ' ' {
		i++
	}
	return i
}

// text is the end of the string that begins at i.
func text(raw []byte, i int) int {
	for i++; i < len(raw) && raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
