// Package webtest drives a real browser against pages in tests: a person's
// steps with scripts switched off (fill by label, press a button by its name,
// read what stands there), axe-core for accessibility, screenshots, screen
// sizes and the dark scheme.
//
//	func TestMain(m *testing.M) { webtest.Main(m) }
//
//	p := webtest.Open(t, server.URL)
//	p.Go("/logowanie")
//	p.Fill("Adres e-mail", "anna@example.com")
//	p.Click("Zaloguj się")
//	p.ExpectHeading("Moje sprawy")
//
// One browser serves a test process; every page opened has cookies of its own,
// so tests run in parallel. A step that cannot be done ends the test with what
// the page showed. Words are compared with no-break spaces as spaces.
package webtest
