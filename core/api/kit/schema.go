package kit

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemas is a registry in which rooms may name their types alike: the second
// of a name carries its room in front ("Reason" of networks, "TaskReason").
func schemas() huma.Registry {
	taken := map[string]reflect.Type{}
	return huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name := huma.DefaultSchemaNamer(t, hint)
		if t.Kind() != reflect.Struct {
			return name
		}
		// huma numbers the unnamed ones itself, unless a named one comes later.
		if first, ok := taken[name]; ok && first != t && t.Name() != "" {
			name = roomOf(t) + name
		}
		if _, ok := taken[name]; !ok {
			taken[name] = t
		}
		return name
	})
}

// roomOf is the package of t, or of the type that a generic t holds:
// "ore.edu.pl/sieci/core/api/taskapi" is "Task".
func roomOf(t reflect.Type) string {
	at := t.PkgPath()
	if _, of, ok := strings.Cut(t.Name(), "["); ok {
		of = strings.TrimLeft(of, "[]*")
		if dot := strings.LastIndex(of, "."); dot > 0 {
			at = of[:dot]
		}
	}
	room := strings.TrimSuffix(path.Base(at), "api")
	if room == "" || room == "." {
		return ""
	}
	return strings.ToUpper(room[:1]) + room[1:]
}
