package walk_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
)

// A centre's administrator reads where a programme of hers lacks networks and
// until when they can begin, finds the same in the yearly report, and sees
// nothing of another centre's programme. Networks get into it by a request that
// its lead accepts or declines, and, once it is open, at their founding.
func TestProgrammeLacksNetworks(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	ctx, core := t.Context(), access.Core("test")
	ids := map[string]string{}
	for code, rspo := range map[string]int{"WIELKOPOLSKA-1": 900101, "SWIETOKRZYSKIE-1": 900102} {
		p, err := w.Programmes.Create(ctx, core, programme.NewProgramme{Code: code, Title: "Program " + code, Centre: w.institution(rspo)})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Programmes.SetRule(ctx, core, p.ID, programme.Rule{From: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), Networks: 1, MeetingsLeast: 3, MeetingsMost: 5}, [16]byte{}); err != nil {
			t.Fatal(err)
		}
		ids[code] = p.ID.String()
	}
	own := ids["WIELKOPOLSKA-1"]
	w.grant(w.person("Lidia Liderka", 0), access.Lead, access.Programme, uuid.MustParse(own))
	c := w.as("Cezary Centrum").Go("/zarzadzanie").Click("Sieci w powiatach według zasad programów").ExpectText("Program WIELKOPOLSKA-1").ExpectNoText("SWIETOKRZYSKIE")
	c.Click("Program WIELKOPOLSKA-1").ExpectStatus(200).ExpectText("w każdym powiecie co najmniej 1 sieć", "leszczyński", "śremski", "Brakujące sieci").ExpectNoText("sandomierski", "zielone")
	// A network asks, and the lead admits it: from now on it counts.
	n := w.network("Karol Koordynator", nil)
	k := w.as("Karol Koordynator").Go("/sieci/" + n.String()).Click("Program sieci").ExpectText("odpowiada na prośbę").ExpectNoText("SWIETOKRZYSKIE")
	k.Click("Zgłoś sieć do programu").ExpectStatus(422).ExpectText("Wybierz z listy program")
	k.Choose("Program WIELKOPOLSKA-1 (WIELKOPOLSKA-1)").Fill("Wiadomość dla prowadzących program", "Pracujemy w dwóch powiatach.").Click("Zgłoś sieć do programu").ExpectText("Prośba została wysłana", "Wycofaj prośbę")
	l := w.as("Lidia Liderka").Go("/powiadomienia").ExpectText("Sieć prosi o przyjęcie do programu").Go("/programy").Click("Program WIELKOPOLSKA-1").Click("Sieci").ExpectStatus(200)
	l.ExpectText("Sieci, które proszą o przyjęcie", "Ocenianie kształtujące", "woj. wielkopolskie", "Pracujemy w dwóch powiatach.").Click("Przyjmij do programu").ExpectText("Sieć przyjęto do programu", "W programie od").ExpectNoText("proszą o przyjęcie")
	k.Reload().ExpectText("W programie od", "Wypisz sieć z programu")
	// Another is declined, with a reason that its coordinator reads.
	other := w.network("Dorota Druga", func(s *network.Settings) { s.Title = "Matematyka inaczej" })
	d := w.as("Dorota Druga").Go("/sieci/" + other.String() + "/program").Choose("Program WIELKOPOLSKA-1 (WIELKOPOLSKA-1)").Click("Zgłoś sieć do programu").ExpectText("Prośba została wysłana")
	l.Reload().Click("Nie przyjmuj: Matematyka inaczej").Click("Nie przyjmuj", "Matematyka inaczej").ExpectStatus(422)
	l.Fill("Powód, który zobaczy sieć", "Program dotyczy oceniania.", "Matematyka inaczej").Click("Nie przyjmuj", "Matematyka inaczej").ExpectText("Sieci nie przyjęto")
	d.Reload().ExpectText("nie przyjęto", "Program dotyczy oceniania.", "Zgłoś sieć do programu")
	// The programme opens, and a network is founded into it.
	l.Choose("Sieci z obszaru programu należą do niego bez pytania").Click("Zapisz", "Przyjmowanie sieci").ExpectText("Zapisano zmiany")
	f := w.as("Cezary Centrum").Go("/sieci").Click("Załóż sieć").Click("Dalej").Fill("Nazwa sieci", "Czytanie ze zrozumieniem").Fill("Cel", "Uczymy się czytać.").Choose("Otwarte")
	f.Select("Program", "Program WIELKOPOLSKA-1 (WIELKOPOLSKA-1) – przyjmuje od razu").Click("Dalej")
	f.Choose("Problemowa: wokół wspólnego zagadnienia").Select("Obszar tematyczny", "Ocenianie i monitorowanie uczenia się").Choose("Nauczyciele")
	f.Fill("Na jaką potrzebę szkół odpowiada sieć?", "Uczniowie czytają za mało.").Choose("Wspólne wykonywanie zadań").Choose("Spotkania na miejscu").Fill("Ile spotkań w roku szkolnym?", "4")
	f.Click("Załóż sieć").ExpectText("pojawiły się kolejne pytania").Click("Załóż sieć").ExpectStatus(200).ExpectText("Sieć powstała").Click("Program sieci").ExpectText("W programie od")
	l.Reload().ExpectText("Ocenianie kształtujące", "Czytanie ze zrozumieniem").ExpectNoText("Matematyka inaczej")
	c.Reload().ExpectText("leszczyński", "śremski", "zielone", "żółte", "Brakujące sieci")
	c.Select("Rok szkolny", "2025/2026").Click("Pokaż").ExpectText("program nie ma zasady liczby sieci")
	c.Go("/raport-roczny?rok=2026&program="+own).ExpectStatus(200).ExpectText("Brakujące sieci", "zasada: co najmniej 1 w powiecie")
	c.Go("/pokrycie?program=" + ids["SWIETOKRZYSKIE-1"]).ExpectStatus(404)
	w.as("Karol Koordynator").Go("/pokrycie").ExpectStatus(404)
}
