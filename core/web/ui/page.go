package ui

import (
	"time"

	"ore.edu.pl/sieci/core/i18n"
)

// Link is a named address inside the platform.
type Link struct {
	Text, Href string
}

// Page is what a handler says about the page around its content.
type Page struct {
	// Title is the page's name, shown in the browser's tab as "Title – Sieci".
	Title string
	// Nav is the Href of the main navigation's item that the page belongs to.
	Nav string
	// Crumbs lead from the start page to the parent of this page.
	Crumbs []Link
	// Updated is shown as "Ostatnia aktualizacja" on public pages; zero hides it.
	Updated time.Time
	// Wide gives lists and boards the full width instead of a readable column.
	Wide bool
	// Tabs lead to the other pages of the thing that the page is about; shown
	// when there are two or more. TabHere is the Href of the current one.
	Tabs               []Link
	TabsLabel, TabHere string
	// Wrong puts "Błąd: " before the title; set by rendering a form with problems.
	Wrong bool
}

// Crumb adds a parent page and returns p, for chaining.
func (p *Page) Crumb(text, href string) *Page {
	p.Crumbs = append(p.Crumbs, Link{text, href})
	return p
}

// In marks the item of the main navigation and returns p.
func (p *Page) In(href string) *Page {
	p.Nav = href
	return p
}

// AsWide gives the page the full width and returns p.
func (p *Page) AsWide() *Page {
	p.Wide = true
	return p
}

// NavItem is one link of the main navigation.
type NavItem struct {
	Text, Href string
	Current    bool
}

// Shell is everything that [Layout] shows around a page.
type Shell struct {
	Page
	Lang i18n.Lang
	// Stylesheet and Icon are the addresses of the assets.
	Stylesheet, Icon string
	// Here is the page's own path with its query; the language switch returns to
	// it. "" shows no switch.
	Here string
	Nav  []NavItem
	// Person is the signed-in person's name, or "".
	Person string
	// SignIn, SignOut and Register are the addresses of those acts; "" hides them.
	SignIn, SignOut, Register string
	// Search is the address of the search, or "" where none is offered.
	Search string
	// Flash is a message of the act that led here, or "".
	Flash string
	// Footer are the links of the footer that exist.
	Footer []Link
	// Declaration is the address of the accessibility declaration, or "".
	Declaration string
	// Publisher is who runs the service; "" shows the catalogue's default.
	Publisher string
	// Development shows that this is not a real installation.
	Development bool
}
