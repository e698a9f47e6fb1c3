package board

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// text is what is being written: the state of the form, also as a draft.
type text struct {
	Title    string             `json:"title,omitempty"`
	Body     string             `json:"body"`
	Topic    uuid.UUID          `json:"topic,omitzero"`
	NewTopic string             `json:"new_topic,omitempty"`
	Files    []board.Attachment `json:"files,omitempty"`
}

// editorView is the form in which threads, entries and replies are written.
type editorView struct {
	Title, Action        string
	WithTitle, WithTopic bool
	BodyLabel            string
	Text                 text
	Topics               []ui.Option
	Files                []editorFile
	Licences             []ui.Option // empty where none is asked for
	Submit               string
	Cancel               ui.Link
	Version              int // of the draft
	Saved                string
	Problems             ui.Problems
	Preview              markdown.Safe
	Previewed            bool
	MaxFiles             int
}

// editorFile is an uploaded file with what it still needs.
type editorFile struct {
	ID, Name, Size, Alt, Licence, Mark string
	Image                              bool
}

// editor is one form with its place: what is written where.
type editor struct {
	kind
	c       *kit.Ctx
	network uuid.UUID
	key     draft.Key
	action  string
	back    string
	reply   bool
	title   string // of the page
	thread  uuid.UUID
	n       board.Network
	topics  []board.Topic
}

// read takes what was typed from the form.
func (e *editor) read() text {
	f := e.c.Form()
	t := text{Title: f.Get("title"), Body: f.Text("body"), NewTopic: f.Get("new_topic")}
	t.Topic, _ = uuid.Parse(f.Get("topic_id")) // nothing chosen is the nil id
	for _, raw := range f.All("plik") {
		if id, err := uuid.Parse(raw); err == nil && len(t.Files) < board.MaxFiles {
			t.Files = append(t.Files, board.Attachment{ID: id, Alt: f.Get("alt-" + raw), Licence: f.Get("licence-" + raw)})
		}
	}
	return t
}

// view is the form with a text in it.
func (e *editor) view(t text) editorView {
	c := e.c
	v := editorView{Title: e.title, Action: e.action, WithTitle: !e.reply, WithTopic: !e.reply && e.k == board.Blog, Text: t,
		Cancel: ui.Link{Text: c.T("board.page.cancel"), Href: e.back}, MaxFiles: board.MaxFiles, BodyLabel: c.T("board.page.body")}
	switch {
	case e.reply && e.k == board.Blog:
		v.Submit, v.BodyLabel = c.T("board.page.publish_comment"), c.T("board.page.comment_body")
	case e.reply:
		v.Submit, v.BodyLabel = c.T("board.page.publish_reply"), c.T("board.page.reply_body")
	case e.k == board.Blog:
		v.Submit = c.T("board.page.publish_entry")
	default:
		v.Submit = c.T("board.page.publish_thread")
	}
	for _, x := range e.topics {
		v.Topics = append(v.Topics, ui.Option{Value: x.ID.String(), Text: x.Title})
	}
	if v.WithTopic {
		for _, l := range board.Licences {
			v.Licences = append(v.Licences, ui.Option{Value: l, Text: c.T("board.page.licence_" + l)})
		}
	}
	return v
}

// files describes the uploads of a text; those that are gone are left out.
func (e *editor) files(ctx context.Context, t *text) ([]editorFile, error) {
	var out []editorFile
	kept := t.Files[:0]
	for _, a := range t.Files {
		f, err := e.Files.Get(ctx, e.c.Actor(), a.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, a)
		image := strings.HasPrefix(f.MediaType, "image/")
		x := editorFile{ID: a.ID.String(), Name: f.Name, Size: show.Bytes(e.c.Lang(), f.Size), Alt: a.Alt, Licence: a.Licence, Image: image}
		if image {
			x.Mark = "![" + a.Alt + "](/pliki/" + x.ID + ")"
		}
		out = append(out, x)
	}
	t.Files = kept
	return out, nil
}

// load fills the form from the person's draft; without one it is empty.
func (e *editor) load() (editorView, error) {
	d, err := e.Drafts.Load(e.c.Context(), e.c.Actor(), e.key)
	if fault.Is(err, fault.NotFound) {
		return e.view(text{}), nil
	}
	if err != nil {
		return editorView{}, err
	}
	var t text
	if err := json.Unmarshal(d.State, &t); err != nil {
		return e.view(text{}), nil // a draft of an older form: nothing to show
	}
	files, err := e.files(e.c.Context(), &t)
	if err != nil {
		return editorView{}, err
	}
	v := e.view(t)
	v.Files, v.Version = files, d.Version
	v.Saved = e.c.T("board.page.draft_at", "At", at(e.c.Context(), d.SavedAt))
	return v, nil
}

// again shows the form with what was typed, after a button that is not the last.
func (e *editor) again(t text, err error, preview bool) error {
	files, ferr := e.files(e.c.Context(), &t)
	if ferr != nil {
		return ferr
	}
	v := e.view(t)
	v.Files, v.Version = files, e.version()
	if preview {
		v.Preview, v.Previewed = e.Board.Preview(t.Body), true
	}
	e.crumbs()
	if err == nil {
		return e.c.Render(http.StatusOK, editorPage(v))
	}
	return e.c.Retry(err, func(p ui.Problems) templ.Component {
		v.Problems = moved(p, "file", "nowy-plik")
		if len(v.Topics) == 0 { // no list to choose from, only the field of a new one
			v.Problems = moved(v.Problems, "topic_id", "new_topic")
		}
		return editorPage(v)
	})
}

func (e *editor) crumbs() {
	page := crumbs(e.c, e.n, e.k, e.title)
	if e.reply {
		page.Crumb(strings.TrimSpace(e.c.T("board.page.see_post")), e.back)
	}
}

func (e *editor) version() int { return max(number(e.c.Form().Get("wersja")), 0) }

// submit does what the pressed button says: add or remove a file, show a
// preview, keep a draft, or publish. Nothing typed is lost by any of them.
func (e *editor) submit(publish func(text) (string, string, error)) error {
	f, t := e.c.Form(), e.read()
	uploaded, err := e.upload(&t)
	if err != nil {
		return e.again(t, err, false)
	}
	if gone := f.Get("usun"); gone != "" {
		kept := t.Files[:0]
		for _, x := range t.Files {
			if x.ID.String() != gone {
				kept = append(kept, x)
			}
		}
		t.Files = kept
		return e.again(t, nil, false)
	}
	switch f.Get("akcja") {
	case "podglad":
		return e.again(t, nil, true)
	case "plik":
		if !uploaded {
			return e.again(t, fault.InvalidFields(fault.Field{Path: "nowy-plik", Key: "board.page.file_none"}), false)
		}
		return e.again(t, nil, false)
	case "szkic":
		return e.save(t)
	}
	to, flash, err := publish(t)
	if err != nil {
		return e.again(t, err, false)
	}
	if e.version() > 0 {
		if err := e.Drafts.Delete(e.c.Context(), e.c.Actor(), e.key); err != nil {
			return err
		}
	}
	return e.c.Redirect(to, flash)
}

// upload stores the file that came with the form and puts it among the text's.
func (e *editor) upload(t *text) (bool, error) {
	h := e.c.Form().File("nowy-plik")
	if h == nil {
		return false, nil
	}
	if len(t.Files) >= board.MaxFiles {
		return false, fault.InvalidFields(fault.Field{Path: "nowy-plik", Key: "board.files_many", Args: fault.Args{"Max": board.MaxFiles}})
	}
	r, err := h.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	got, err := e.Files.Upload(e.c.Context(), e.c.Actor(), h.Filename, r)
	if err != nil {
		x := fault.As(err)
		if x.Kind != fault.Internal && x.Kind != fault.Unavailable && len(x.Fields) == 0 {
			return false, fault.InvalidFields(fault.Field{Path: "nowy-plik", Key: x.Key, Args: x.Args})
		}
		return false, err
	}
	t.Files = append(t.Files, board.Attachment{ID: got.ID})
	return true, nil
}

// save keeps the text as a draft. When another window saved meanwhile, the
// person sees both texts.
func (e *editor) save(t text) error {
	c := e.c
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = e.Drafts.Save(c.Context(), c.Actor(), &draft.Draft{Key: e.key, Rev: 1, State: raw, Version: e.version()})
	if err == nil {
		return c.Redirect(e.back, "board.flash.drafted")
	}
	if !fault.Is(err, fault.Conflict) {
		return e.again(t, err, false)
	}
	other, err := e.Drafts.Load(c.Context(), c.Actor(), e.key)
	if fault.Is(err, fault.NotFound) { // published or thrown away elsewhere
		other = &draft.Draft{State: []byte(`{}`)}
	} else if err != nil {
		return err
	}
	var theirs text
	if err := json.Unmarshal(other.State, &theirs); err != nil {
		return err
	}
	e.crumbs()
	v := ui.ConflictView{Note: c.T("board.page.conflict_note"), Action: e.action, Cancel: ui.Link{Text: c.T("board.page.cancel"), Href: e.back},
		Fields: []ui.ConflictField{{Name: "body", Label: c.T("board.page.body"), Mine: t.Body, Theirs: theirs.Body, Long: true}},
		Hidden: []ui.Hidden{{Name: "akcja", Value: "szkic"}, {Name: "wersja", Value: itoa(other.Version)}, {Name: "title", Value: t.Title}, {Name: "new_topic", Value: t.NewTopic}}}
	if t.Topic != uuid.Nil {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "topic_id", Value: t.Topic.String()})
	}
	for _, x := range t.Files {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "plik", Value: x.ID.String()}, ui.Hidden{Name: "alt-" + x.ID.String(), Value: x.Alt}, ui.Hidden{Name: "licence-" + x.ID.String(), Value: x.Licence})
	}
	return c.ConflictPage(v)
}
