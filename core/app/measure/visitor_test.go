package measure_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"ore.edu.pl/sieci/core/api/kit"
)

// visitor goes through the pages of a country as somebody: a few of every kind,
// and every choice that a list's form offers.
type visitor struct {
	n     *nation
	name  string
	seen  map[string]bool
	times map[string]int
	each  int // how often addresses of one kind are opened
	queue []string
	calls int
	ids   map[string]string // an id by the operation that listed it
}

func (n *nation) visitor(name string, each int) *visitor {
	v := &visitor{n: n, name: name, each: each, seen: map[string]bool{}, times: map[string]int{}, ids: map[string]string{}}
	v.queue = append([]string{"/", "/moje", "/sieci/" + n.network.String(), "/programy/" + n.programme.String()}, n.fixed()...)
	return v
}

func (v *visitor) walk() {
	for len(v.queue) > 0 {
		path := v.queue[0]
		v.queue = v.queue[1:]
		if v.seen[path] || strings.HasPrefix(path, kit.Base) || strings.HasPrefix(path, "/assets") || path == "/readyz" {
			continue
		}
		v.seen[path] = true
		res := v.n.read(v.name, path)
		if res.Code != http.StatusOK || !strings.HasPrefix(res.Header().Get("Content-Type"), "text/html") {
			if to := res.Header().Get("Location"); strings.HasPrefix(to, "/") {
				v.add(to)
			}
			continue
		}
		doc, err := html.Parse(bytes.NewReader(res.Body.Bytes()))
		if err != nil {
			v.n.t.Fatal(err)
		}
		for e := range doc.Descendants() {
			switch {
			case e.Data == "a" && strings.HasPrefix(attr(e, "href"), "/"):
				v.add(attr(e, "href"))
			case e.Data == "form" && strings.EqualFold(attr(e, "method"), "get"):
				v.choices(path, e)
			}
		}
	}
}

// add queues an address when few of its kind were opened.
func (v *visitor) add(href string) {
	href, _, _ = strings.Cut(href, "#")
	if kind := kindOf(href); !v.seen[href] && v.times[kind] < v.each {
		v.times[kind]++
		v.queue = append(v.queue, href)
	}
}

func attr(e *html.Node, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// words are looked for where a form takes any: common ones, and none of these.
var words = []string{"nowak", "szkola praktyce", "żółtodziób"}

// choices queues what a form of a list can ask for: each option of each field by
// itself, the others as they are.
func (v *visitor) choices(path string, f *html.Node) {
	action := attr(f, "action")
	if action == "" {
		action, _, _ = strings.Cut(path, "?")
	}
	kept, offered := url.Values{}, map[string][]string{}
	for e := range f.Descendants() {
		name, kind := attr(e, "name"), attr(e, "type")
		switch {
		case name == "" || e.Data != "input" && e.Data != "select":
		case e.Data == "select":
			for o := range e.Descendants() {
				if o.Data == "option" {
					offered[name] = append(offered[name], attr(o, "value"))
				}
			}
		case kind == "hidden":
			kept.Set(name, attr(e, "value"))
		case kind == "checkbox" || kind == "radio":
			offered[name] = append(offered[name], attr(e, "value"))
		case kind == "date":
			kept.Set(name, attr(e, "value"))
			offered[name] = append(offered[name], "2026-08-31")
		default:
			kept.Set(name, attr(e, "value"))
			offered[name] = append(offered[name], words...)
		}
	}
	const most = 12 // options of one field
	for name, list := range offered {
		for _, value := range list[:min(len(list), most)] {
			q := url.Values{}
			for k := range kept {
				if kept.Get(k) != "" {
					q.Set(k, kept.Get(k))
				}
			}
			q.Set(name, value)
			to := action + "?" + q.Encode()
			if once := anyID.ReplaceAllString(action, "ID") + "?" + name + "=" + value; v.times[once] < 1 {
				v.times[once]++
				v.queue = append(v.queue, to)
			}
		}
	}
}

// operation is what the document of the API tells of one.
type operation struct {
	Parameters []struct {
		Name   string `json:"name"`
		In     string `json:"in"`
		Schema struct {
			Type   any    `json:"type"`
			Format string `json:"format"`
			Enum   []any  `json:"enum"`
			Items  struct {
				Enum []any `json:"enum"`
			} `json:"items"`
		} `json:"schema"`
	} `json:"parameters"`
}

// call asks every operation that reads, bare, on its next page, and with each
// value of each parameter.
func (v *visitor) call() {
	var doc struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(get(v.n.t, v.n.Handler, kit.Base+"/openapi.json", "").Body.Bytes(), &doc); err != nil {
		v.n.t.Fatal(err)
	}
	r := &reader{ids: v.ids}
	paths := make([]string, 0, len(doc.Paths))
	for p := range doc.Paths {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		return strings.Count(a, "/")*1000 + len(a) - strings.Count(b, "/")*1000 - len(b)
	})
	for _, p := range paths {
		op, ok := doc.Paths[p]["get"]
		short := strings.TrimPrefix(p, kit.Base)
		if !ok {
			continue
		}
		if v.ids["/networks"] == "" {
			v.ids["/networks"], v.ids["/programmes"] = v.n.network.String(), v.n.programme.String()
		}
		at, ok := r.fill(short)
		if !ok {
			continue
		}
		v.operation(short, kit.Base+at, &op)
	}
}

func (v *visitor) operation(short, path string, op *operation) {
	ask := func(query string) (next string) {
		v.calls++
		res := v.n.read(v.name, path+query)
		var list struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if res.Code != http.StatusOK || json.Unmarshal(res.Body.Bytes(), &list) != nil {
			return ""
		}
		if len(list.Items) > 0 && v.ids[short] == "" {
			v.ids[short] = list.Items[0].ID
		}
		return list.Next
	}
	required := ""
	for _, p := range op.Parameters {
		if p.In == "query" && (p.Name == "school_year" || p.Name == "year") {
			required = p.Name + "=2026"
		}
	}
	if next := ask(strings.TrimSuffix("?"+required, "?")); next != "" {
		ask("?" + required + "&after=" + url.QueryEscape(next))
	}
	for _, p := range op.Parameters {
		if p.In != "query" || p.Name == "after" {
			continue
		}
		for _, value := range v.values(p.Name, p.Schema.Format, p.Schema.Type, append(p.Schema.Enum, p.Schema.Items.Enum...)) {
			ask("?" + required + "&" + url.Values{p.Name: {value}}.Encode())
		}
	}
}

// values are what a parameter is tried with.
func (v *visitor) values(name, format string, kind any, enum []any) []string {
	if len(enum) > 0 {
		out := []string{}
		for _, e := range enum {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	switch {
	case name == "limit":
		return []string{"100"}
	case name == "school_year" || name == "year":
		return []string{"2025"}
	case name == "powiat":
		return []string{v.n.powiat}
	case name == "programme":
		return []string{v.n.programme.String()}
	case name == "network":
		return []string{v.n.network.String()}
	case name == "centre":
		return []string{v.n.centre.String()}
	case strings.Contains(name, "institution") || name == "school":
		return []string{v.n.school.String()}
	case name == "person" || name == "actor":
		return []string{v.n.member.String()}
	case format == "date":
		return []string{"2026-08-31"}
	case format == "date-time":
		return []string{"2026-08-31T10:00:00Z"}
	case kind == "boolean":
		return []string{"true", "false"}
	case kind == "string" || kind == "array":
		return words
	}
	return nil
}
