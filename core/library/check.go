package library

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// tidy trims what was typed and drops empty and doubled names and tags.
func (d *Details) tidy() {
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	d.Description, d.Accessibility = strings.TrimSpace(d.Description), strings.TrimSpace(d.Accessibility)
	if d.LicenceText = strings.TrimSpace(d.LicenceText); d.Licence != OwnLicence {
		d.LicenceText = ""
	}
	names, tags := []string{}, []string{}
	for _, n := range d.Authors {
		if n = strings.Join(strings.Fields(n), " "); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, t := range d.Tags {
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	d.Authors, d.Tags = names, tags
}

// check finds what is wrong with a description. A draft may lack what a shared
// resource must have; what it has must be right. Tags that the resource has
// already stay allowed when their term was given up.
func (s *Service) check(d *Details, share bool, had []string, f *fault.Fields) {
	d.tidy()
	long := func(path, text string, limit int) {
		if utf8.RuneCountInString(text) > limit {
			f.Add(path, "library.text_long", "Max", limit)
		}
	}
	if n := utf8.RuneCountInString(d.Title); n < MinTitle || n > MaxTitle {
		f.Add("title", "library.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
	long("description", d.Description, MaxDescription)
	if _, ok := s.terms.Term(Kinds, d.Kind); !ok && (share || d.Kind != "") {
		f.Add("kind", "library.kind_missing")
	}
	_, known := s.terms.Term(Licences, d.Licence)
	switch {
	case !known && (share || d.Licence != ""):
		f.Add("licence", "library.licence_missing")
	case share && d.Licence == OwnLicence && d.LicenceText == "":
		f.Add("licence_text", "library.licence_text_missing")
	}
	long("licence_text", d.LicenceText, MaxLicenceText)
	if share && len(d.Authors) == 0 {
		f.Add("authors", "library.authors_missing")
	}
	if len(d.Authors) > MaxAuthors || slices.ContainsFunc(d.Authors, func(n string) bool { return utf8.RuneCountInString(n) > MaxAuthor }) {
		f.Add("authors", "library.authors_wrong", "Max", MaxAuthors, "Length", MaxAuthor)
	}
	if share && utf8.RuneCountInString(d.Accessibility) < MinAccessibility {
		f.Add("accessibility", "library.accessibility_missing")
	}
	long("accessibility", d.Accessibility, MaxAccessibility)
	if len(d.Tags) > MaxTags {
		f.Add("tags", "library.tags_many", "Max", MaxTags)
	}
	for _, t := range d.Tags {
		if _, ok := s.terms.Tag(t); !ok && !slices.Contains(had, t) {
			f.Add("tags", "library.tag_unknown")
			break
		}
	}
}

// checked is contents whose files were looked at: media types and pages.
type checked struct {
	Contents
	pages []int
}

// inspect looks at the contents of a version before the transaction: the files
// must be the actor's to use, images need words, and pages are counted.
func (s *Service) inspect(ctx context.Context, a *access.Actor, c Contents, complete bool, f *fault.Fields) (checked, error) {
	out := checked{Contents: c}
	out.Link, out.Note = strings.TrimSpace(c.Link), strings.TrimSpace(c.Note)
	if utf8.RuneCountInString(out.Note) > MaxNote {
		f.Add("note", "library.text_long", "Max", MaxNote)
	}
	if out.Link != "" && !goodLink(out.Link) {
		f.Add("link", "library.link_wrong")
	}
	if complete && len(c.Files) == 0 && out.Link == "" {
		f.Add("files", "library.files_missing")
	}
	if len(c.Files) > MaxFiles {
		f.Add("files", "library.files_many", "Max", MaxFiles)
		return out, nil
	}
	out.Files, out.pages = slices.Clone(c.Files), make([]int, len(c.Files))
	for i := range out.Files {
		x := &out.Files[i]
		if slices.ContainsFunc(out.Files[:i], func(o NewFile) bool { return o.ID == x.ID }) {
			f.Add("files", "file.gone")
			continue
		}
		x.Alt = strings.TrimSpace(x.Alt)
		pages, image, err := s.look(ctx, a, x)
		switch {
		case fault.Is(err, fault.NotFound):
			f.Add("files", "file.gone")
			continue
		case err != nil:
			return out, err
		}
		out.pages[i] = pages
		path := "files[" + strconv.Itoa(i) + "].alt"
		if complete && image && x.Alt == "" {
			f.Add(path, "library.alt_missing")
		}
		if utf8.RuneCountInString(x.Alt) > MaxAlt {
			f.Add(path, "library.text_long", "Max", MaxAlt)
		}
	}
	return out, nil
}

// look reads a file's type, and counts its pages.
func (s *Service) look(ctx context.Context, a *access.Actor, x *NewFile) (pages int, image bool, err error) {
	f, err := s.files.Get(ctx, a, x.ID)
	if err != nil {
		return 0, false, err
	}
	if image = IsImage(f.MediaType); image || !countable(f.MediaType) {
		return 0, image, nil
	}
	c, err := s.files.Open(ctx, a, x.ID)
	if err != nil {
		return 0, false, err
	}
	defer c.Close()
	pages, err = countPages(f.MediaType, c)
	return pages, false, err
}

// IsImage reports whether a file of the type needs words that stand for it.
func IsImage(mediaType string) bool { return strings.HasPrefix(mediaType, "image/") }

// goodLink reports whether the address is one that a browser may be sent to.
func goodLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxLink && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// foldedOf is the text in which words of a resource are looked for.
func foldedOf(d *Details) string {
	return fold.Text(d.Title + " " + strings.Join(d.Authors, " ") + " " + d.Description)
}

func reasonOf(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > MaxReason {
		return "", fault.InvalidFields(fault.Field{Path: "reason", Key: "library.reason_missing", Args: fault.Args{"Max": MaxReason}})
	}
	return reason, nil
}
