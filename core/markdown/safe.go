package markdown

// Safe is HTML that went through the allow-list: a program that prints one
// unescaped cannot be handed anything else. The zero value is empty.
type Safe struct{ html string }

// Render renders src as [HTML] does.
func Render(src string) Safe { return Safe{HTML(src)} }

// Kept is output of [HTML] that a room has stored: it goes through the allow-list
// once more, so that it need not be believed.
func Kept(html string) Safe { return Safe{allowed.Sanitize(html)} }

// String is the HTML.
func (s Safe) String() string { return s.html }
