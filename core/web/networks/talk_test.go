package networks_test

import "testing"

// Members write to each other from the list of people: not to themselves, not
// from outside, and not once the network is over.
func TestMembersWriteToEachOther(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	anna := w.person("Anna Nowak")
	w.join(anna, id)
	path := "/sieci/" + id.String() + "/uczestnicy"
	a := w.as(anna).Go(path).ExpectText("Napisz do: Karol Koordynator").ExpectNoText("Napisz do: Anna Nowak")
	a.Click("Napisz do: Karol Koordynator").ExpectPath("/rozmowa/" + id.String() + "/" + lead.String())
	w.as(lead).Go(path).ExpectText("Napisz do: Anna Nowak").Go(path + "?pokaz=byli").ExpectNoText("Napisz do")
	w.as(w.admin).Go(path).ExpectText("Anna Nowak").ExpectNoText("Napisz do")
	w.exec(`UPDATE network SET status = 'closed', stage = 'closed', closed_at = now() WHERE id = $1`, id)
	a.Go(path).ExpectText("Karol Koordynator").ExpectNoText("Napisz do")
	a.Go("/sieci/" + id.String()).ExpectNoText("Zrezygnuj")
}
