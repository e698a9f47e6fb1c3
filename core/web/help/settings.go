package help

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Settings are the facts about the installation that the public pages state.
// They are data of the installation, not of the program; dates are "2026-11-24".
type Settings struct {
	// Publisher runs the service ("podmiot publiczny"); Address is its seat.
	Publisher string `json:"publisher"`
	Address   string `json:"address"`
	// Email and Phone answer people who need help.
	Email string `json:"email"`
	Phone string `json:"phone"`
	// Hours says when the phone answers, in words.
	Hours string `json:"hours"`
	// Privacy: who controls the data, and the data-protection officer.
	Controller   string `json:"controller"`
	OfficerEmail string `json:"officer_email"`
	// PrivacyUpdated is the date of the privacy page's last change.
	PrivacyUpdated string      `json:"privacy_updated"`
	HelpUpdated    string      `json:"help_updated"`
	Declaration    Declaration `json:"declaration"`
}

// Status is one of the three states of the declaration.
type Status string

// The states ("Warunki techniczne publikacji i struktura dokumentu
// elektronicznego deklaracji dostępności", version 2.0 of 31 July 2024).
const (
	Full    Status = "full"
	Partial Status = "partial"
	None    Status = "none"
)

// Declaration is the content of the accessibility declaration.
type Declaration struct {
	SiteName string `json:"site_name"`
	SiteURL  string `json:"site_url"`
	// Published and Updated are dates of the service; Prepared and Reviewed
	// ("" before the first review) of the declaration, which is reviewed every
	// year by 31 March.
	Published string `json:"published"`
	Updated   string `json:"updated"`
	Prepared  string `json:"prepared"`
	Reviewed  string `json:"reviewed"`
	Status    Status `json:"status"`
	// Inaccessible lists what does not conform: what, where, and the other way to it.
	Inaccessible []string `json:"inaccessible"`
	// Method says how the state was assessed.
	Method string `json:"method"`
	// Contact is the person or unit; Email and Phone reach them.
	Contact string `json:"contact"`
	Email   string `json:"email"`
	Phone   string `json:"phone"`
	// Complaints is where a refusal is contested.
	Complaints string `json:"complaints"`
	// Architecture and Communication describe the seat and the ways to
	// communicate (interpreter of Polish sign language: yes or no).
	Architecture  string `json:"architecture"`
	Communication string `json:"communication"`
}

// Example are settings of a demonstration: an invented contact on reserved
// addresses, to be replaced by the installation's own.
func Example(baseURL string) Settings {
	return Settings{
		Publisher: "Ośrodek Rozwoju Edukacji", Address: "Aleje Ujazdowskie 28, 00-478 Warszawa",
		Email: "pomoc@sieci.example", Phone: "22 000 00 00", Hours: "w dni robocze od 8:00 do 16:00",
		Controller: "Ośrodek Rozwoju Edukacji", OfficerEmail: "iod@sieci.example",
		PrivacyUpdated: "2026-11-02", HelpUpdated: "2026-11-02",
		Declaration: Declaration{
			SiteName: "Sieci współpracy i samokształcenia", SiteURL: baseURL,
			Published: "2026-11-02", Updated: "2026-11-02", Prepared: "2026-11-02", Status: Partial,
			Inaccessible: []string{
				"Pliki dodane przez uczestników sieci mogą nie być dostępne cyfrowo. Poproś koordynatora sieci o inną postać pliku albo napisz do nas.",
			},
			Method:  "Deklarację sporządzono na podstawie samooceny: badania automatycznego każdej strony oraz przeglądu z użyciem samej klawiatury.",
			Contact: "Zespół do spraw dostępności", Email: "dostepnosc@sieci.example", Phone: "22 000 00 00",
			Complaints:    "Dyrekcja Ośrodka Rozwoju Edukacji, Aleje Ujazdowskie 28, 00-478 Warszawa",
			Architecture:  "To opis przykładowy. Podaj wejścia, windy, toalety, miejsca parkingowe i zasady wstępu z psem asystującym w siedzibie.",
			Communication: "To opis przykładowy. Podaj, czy dostępny jest tłumacz polskiego języka migowego i jak się z nim połączyć.",
		},
	}
}

// Validate names what the public pages cannot do without.
func (s *Settings) Validate() error {
	var wrong []error
	d := &s.Declaration
	for name, v := range map[string]string{
		"publisher": s.Publisher, "email": s.Email, "controller": s.Controller, "officer_email": s.OfficerEmail,
		"declaration.site_name": d.SiteName, "declaration.site_url": d.SiteURL, "declaration.method": d.Method,
		"declaration.contact": d.Contact, "declaration.email": d.Email, "declaration.phone": d.Phone,
		"declaration.complaints": d.Complaints, "declaration.architecture": d.Architecture, "declaration.communication": d.Communication,
	} {
		if strings.TrimSpace(v) == "" {
			wrong = append(wrong, fmt.Errorf("public pages: %s is empty", name))
		}
	}
	for name, v := range map[string]string{
		"privacy_updated": s.PrivacyUpdated, "help_updated": s.HelpUpdated,
		"declaration.published": d.Published, "declaration.updated": d.Updated, "declaration.prepared": d.Prepared,
	} {
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			wrong = append(wrong, fmt.Errorf("public pages: %s: want a date like 2026-11-24", name))
		}
	}
	if d.Reviewed != "" {
		if _, err := time.Parse(time.DateOnly, d.Reviewed); err != nil {
			wrong = append(wrong, errors.New("public pages: declaration.reviewed: want a date like 2026-11-24"))
		}
	}
	if d.Status != Full && d.Status != Partial && d.Status != None {
		wrong = append(wrong, fmt.Errorf("public pages: declaration.status: want %s, %s or %s", Full, Partial, None))
	}
	return errors.Join(wrong...)
}

// date is the day of a validated setting; zero when it is empty.
func date(v string) time.Time {
	t, err := time.Parse(time.DateOnly, v)
	if err != nil {
		return time.Time{}
	}
	return t
}
