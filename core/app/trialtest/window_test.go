package trialtest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/webtest"
)

// taught is a file of the register: who teaches what, one school closed when
// closed is a day.
func taught(closed string) *bytes.Buffer {
	const head = "Numer RSPO;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Kształcenie zawodowe;Data likwidacji\n"
	return bytes.NewBufferString(head +
		"910001;Technikum;Technikum Muzyczne w Lesznie;3063011;Leszno;311933 Stroiciel fortepianów i pianin|522306 Technik księgarstwa;\n" +
		"910002;Technikum;Technikum Muzyczne w Sandomierzu;2609011;Sandomierz;311933 Stroiciel fortepianów i pianin;" + closed + "\n")
}

// A stranger reads the public view of a network, asks it for a vocation and a
// voivodeship, and sees a school go after the second file; so does a program of
// somebody who may see the network.
func TestStrangersSeeThePublicView(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	imported := func(closed string) {
		t.Helper()
		if _, err := w.Registry.ImportRSPO(ctx, access.Core("test"), taught(closed)); err != nil {
			t.Fatal(err)
		}
	}
	imported("")
	var id string
	if err := w.DB.Get(ctx, &id, `SELECT id FROM network WHERE programme_id = $1 ORDER BY id LIMIT 1`, w.programme); err != nil {
		t.Fatal(err)
	}
	at := "/sieci/" + id
	p := webtest.Open(t, w.base).Go(at).ExpectStatus(200).ExpectText("Czego uczą szkoły", "311933", "522306", "Technik księgarstwa", "Technikum Muzyczne w Sandomierzu")
	p.Fill("Kod zawodu", "311933").Select("Województwo", "świętokrzyskie").Click("Pokaż").ExpectStatus(200).
		ExpectText("Stroiciel fortepianów", "Technikum Muzyczne w Sandomierzu").ExpectNoText("Technik księgarstwa", "Technikum Muzyczne w Lesznie")
	if got := p.Value("Kod zawodu"); got != "311933" {
		t.Errorf("what was asked for is %q now", got)
	}
	p.Go(at+"?kod=999999").ExpectText("Nikt tego nie uczy", "Nie ma takich szkół")
	p.Go(at + "/plan").ExpectNoText("Czego uczą szkoły") // what lies behind the preview stays there
	p.Go(at + "/plan/window").ExpectNoText("Czego uczą szkoły")
	p.Go(at + "/plan/window?tabela=zawody").ExpectNoText("522306")
	o := w.signIn("Olga Ore").Go(at + "/plan/window?kod=522306")
	file, _ := o.Download("Pobierz tabelę (CSV): Zawody")
	if s := string(file); !strings.Contains(s, "522306;Technik księgarstwa;0;1") || strings.Contains(s, "311933") {
		t.Errorf("file: %s", s)
	}
	o.Go(at + "/plan/window?tabela=nic").ExpectStatus(404)

	if err := w.Clock.Move(ctx, w.Clock.Now().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	imported(w.Clock.Now().Add(-24 * time.Hour).Format(time.DateOnly))
	p.Go(at + "?kod=311933").ExpectText("Technikum Muzyczne w Lesznie").ExpectNoText("Technikum Muzyczne w Sandomierzu")
	if got := w.number(`SELECT count(*) FROM registry_import WHERE kind = 'rspo' AND epoch > 0`); got != 3 {
		t.Errorf("%d files changed the register", got)
	}
}
