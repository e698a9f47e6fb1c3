package walk_test

import (
	"testing"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/programme"
)

// A centre's administrator reads where a programme of hers lacks networks and
// until when they can begin, finds the same in the yearly report, and sees
// nothing of another centre's programme.
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
	n := w.network("Karol Koordynator", nil)
	w.exec(`UPDATE network SET programme_id = $1 WHERE id = $2`, ids["WIELKOPOLSKA-1"], n)
	c := w.as("Cezary Centrum").Go("/zarzadzanie").Click("Sieci w powiatach według zasad programów").ExpectText("Program WIELKOPOLSKA-1").ExpectNoText("SWIETOKRZYSKIE")
	c.Click("Program WIELKOPOLSKA-1").ExpectStatus(200).ExpectText("w każdym powiecie co najmniej 1 sieć", "leszczyński", "śremski", "zielone", "żółte", "Brakujące sieci").ExpectNoText("sandomierski")
	c.Select("Rok szkolny", "2025/2026").Click("Pokaż").ExpectText("program nie ma zasady liczby sieci")
	c.Go("/raport-roczny?rok=2026&program="+ids["WIELKOPOLSKA-1"]).ExpectStatus(200).ExpectText("Brakujące sieci", "zasada: co najmniej 1 w powiecie")
	c.Go("/pokrycie?program=" + ids["SWIETOKRZYSKIE-1"]).ExpectStatus(404)
	w.as("Karol Koordynator").Go("/pokrycie").ExpectStatus(404)
}
