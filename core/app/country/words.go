package country

// Invented people and places are put together from these.
var (
	firsts    = []string{"Anna", "Barbara", "Cezary", "Dorota", "Elżbieta", "Franciszek", "Grażyna", "Halina", "Ireneusz", "Joanna", "Krzysztof", "Łucja", "Małgorzata", "Norbert", "Oliwia", "Paweł", "Renata", "Stanisław", "Teresa", "Urszula", "Wiesław", "Zofia", "Żaneta"}
	lasts     = []string{"Bąkiewicz", "Ćmielewska", "Dziób", "Gżegżółka", "Jabłoński", "Kołodziej", "Łękawa", "Maślanka", "Nowak", "Ożóg", "Pszczółka", "Rzeźnik", "Szczygieł", "Śliwa", "Trzmiel", "Wąs", "Wrona", "Zięba", "Źrebiec", "Żuraw"}
	heads     = []string{"Ol", "Brzez", "Dąbr", "Grab", "Jod", "Klon", "Lip", "Łąk", "Mosz", "Rzecz", "Sosn", "Świerk", "Topol", "Wierzb", "Żurawi"}
	tails     = []string{"owo", "ice", "owiec", "ów", "anka", "iny", "owa", "nik", "ena", "ówka"}
	patrons   = []string{"Jaśminowej Łąki", "Żeglarzy", "Odkrywców", "Ćwierćnut", "Źródeł", "Zielonego Wzgórza", "Łąkowych Ścieżek"}
	topics    = []string{"Ocenianie kształtujące", "Edukacja włączająca", "Tutoring", "Czytanie", "Matematyka", "Języki obce", "Doradztwo zawodowe", "Bezpieczeństwo w sieci", "Praca z grupą", "Eksperyment"}
	sentences = []string{"Próbowaliśmy tego z klasą piątą i warto wrócić do kryteriów.", "Prześlę kartę pracy po spotkaniu.", "Jak dzielicie czas między grupy?", "U nas pomogła ocena koleżeńska.",
		"Rodzice pytali o informację zwrotną.", "Dziękuję za pomysł, sprawdzę go w przyszłym tygodniu.", "Szkolenie z tego tematu planuje nasza placówka.", "Czy ktoś ma przykład dla najmłodszych?"}
)
