package demo

// Password is that of every account of the demonstration. Whoever reads the
// source knows it; see [Make] for where it is refused.
const Password = "demonstracja"

// domain is reserved: no letter to it can reach anybody (RFC 2606).
const domain = "@sieci.example"

// person is somebody invented. The address is the key before [domain]; those
// with a word instead of a name are told to whoever tries the demonstration.
type person struct {
	key, name, function string
	at                  string // the institution, by its key in places
	about               string
	shown               []string
}

func (p *person) email() string { return p.key + domain }

// Keys of the accounts to try, in the order in which the guide names them.
const (
	admin       = "ore"
	inspector   = "inspektor"
	wierzbowo   = "wierzbowo"
	dabrowa     = "dabrowa"
	coordinator = "koordynator"
	participant = "uczestniczka"
	returned    = "poprawka"
	moderator   = "moderator"
	expert      = "ekspert"
	principal   = "dyrektor"
	pending     = "nowa"
	offered     = "oferta"
	waiting     = "rezerwa"
	head        = "samorzad"
	supporter   = "wspomaganie"
	official    = "urzad"
	evaluator   = "ewaluacja"
	free        = "nauczycielka"
)

// accounts are the people that the guide names.
var accounts = []string{
	admin, inspector, wierzbowo, dabrowa, coordinator, participant, returned, moderator, expert,
	principal, pending, offered, waiting, head, supporter, official, evaluator, free,
}

// cast are all people but the administrator, who comes first, and the two who
// come later: the one who waits for confirmation, and the last.
var cast = []person{
	{key: inspector, name: "Ireneusz Kołodziejczak-Wrona", function: "wizytator"},
	{key: wierzbowo, name: "Lucyna Maćkowiak-Ptak", function: "kierowniczka pracowni wspomagania", at: "900101"},
	{key: dabrowa, name: "Wacław Świątkiewicz", function: "wicedyrektor", at: "900102"},
	{key: coordinator, name: "Małgorzata Świerczyńska-Dąbek", function: "nauczycielka przyrody i biologii", at: "100231",
		about: "Od ośmiu lat oceniam bez stopni w klasach IV–VI. Chętnie pokazuję lekcje i przyjmuję gości.", shown: []string{"function", "about", "email"}},
	{key: participant, name: "Katarzyna Wójcikiewicz-Hryniewiecka", function: "nauczycielka języka polskiego", at: "100235",
		about: "Szukam sposobów na informację zwrotną, która mieści się w jednej lekcji.", shown: []string{"function", "about"}},
	{key: returned, name: "Marcin Jeżewski", function: "nauczyciel historii", at: "100302", shown: []string{"function"}},
	{key: moderator, name: "Zbigniew Ćmielewski", function: "nauczyciel fizyki", at: "100237", shown: []string{"function"}},
	{key: expert, name: "Teofil Ważyński", function: "psycholog, doradca", at: "900104",
		about: "Zajmuję się motywacją i rozmową oceniającą. Opiekuję się też zespołami samorządów.", shown: []string{"function", "about", "email"}},
	{key: principal, name: "Adam Trzmielowski", function: "dyrektor szkoły", at: "100404"},
	{key: offered, name: "Urszula Gżegżółka", function: "nauczycielka języka niemieckiego", at: "100406"},
	{key: waiting, name: "Mateusz Dzięgielewski", function: "nauczyciel wiedzy o społeczeństwie", at: "100405"},
	{key: head, name: "Eugeniusz Pszczółka-Jaworski", function: "kierownik referatu oświaty", at: "swieciechowa"},

	{key: supporter, name: "Grażyna Przybyłek-Ćwik", function: "konsultantka, organizatorka wspomagania", at: "900101",
		about: "Towarzyszę szkołom w diagnozie i planowaniu rozwoju.", shown: []string{"function", "about", "email"}},
	{key: official, name: "Honorata Wieczorkiewicz-Sum", function: "naczelniczka wydziału edukacji"},
	{key: evaluator, name: "Ksawery Łabędź", function: "ewaluator zewnętrzny"},

	// Network N1.
	{key: "tomasz.gwozdz", name: "Tomasz Gwóźdź", function: "nauczyciel matematyki", at: "100231"},
	{key: "agnieszka.zrobek", name: "Agnieszka Źróbek", function: "nauczycielka edukacji wczesnoszkolnej", at: "100234", shown: []string{"function"}},
	{key: "pawel.klebek", name: "Paweł Kłębek", function: "nauczyciel wychowania fizycznego", at: "100234"},
	{key: "barbara.illakowicz", name: "Barbara Iłłakowicz", function: "polonistka, nauczycielka bibliotekarka", at: "100236",
		about: "Prowadzę szkolny klub książki.", shown: []string{"function", "about"}},
	{key: "oksana.petrenko", name: "Oksana Petrenko", function: "nauczycielka informatyki", at: "100238"},
	{key: "danuta.ogrodowczyk", name: "Danuta Ogrodowczyk", function: "nauczycielka chemii", at: "100302"},
	{key: "elzbieta.chrzaszczewska", name: "Elżbieta Konstancja Chrząszczewska-Niedźwiedzka", function: "nauczycielka języka angielskiego", at: "100303"},
	{key: "hanna.sliwa", name: "Hanna Śliwa", function: "pedagożka specjalna", at: "100310"},
	{key: "stanislaw.bakiewicz", name: "Stanisław Bąkiewicz", function: "nauczyciel techniki", at: "100312"},
	{key: "lan.anh", name: "Nguyen Thi Lan Anh", function: "nauczycielka matematyki", at: "100313", shown: []string{"function"}},
	{key: "renata.grzeskowiak", name: "Renata Grześkowiak-Łuć", function: "logopedka", at: "100313"},
	{key: "iwona.zdzieblo", name: "Iwona Ździebło", function: "nauczycielka geografii", at: "100315"},
	{key: "justyna.lyzwinska", name: "Justyna Łyżwińska", function: "nauczycielka edukacji wczesnoszkolnej", at: "100402"},
	{key: "krystyna.gaska", name: "Krystyna Gąska", function: "nauczycielka muzyki", at: "100601"},
	{key: "wiktor.sek", name: "Wiktor Sęk", function: "nauczyciel biologii", at: "100601"},
	{key: "bogumila.zolnierowicz", name: "Bogumiła Żołnierowicz", function: "nauczycielka edukacji wczesnoszkolnej", at: "100304"},
	{key: "jadwiga.poltorak", name: "Jadwiga Półtorak", function: "nauczycielka plastyki", at: "100311"},

	// Other networks of CDN Wierzbowo.
	{key: "ludwika.mroz", name: "Ludwika Mróz-Wiśniowiecka", function: "konsultantka do spraw języków", at: "900101", shown: []string{"function", "email"}},
	{key: "wincenty.ruta", name: "Wincenty Ruta", function: "konsultant do spraw kadry kierowniczej", at: "900101"},
	{key: "cezary.wac", name: "Cezary Wącławik", function: "nauczyciel historii", at: "100405"},
	{key: "filip.szydelko", name: "Filip Szydełko", function: "nauczyciel filozofii", at: "100236"},
	{key: "emilia.krzywda", name: "Emilia Krzywdzianka", function: "polonistka", at: "100237"},
	{key: "rozalia.pak", name: "Rozalia Pąk", function: "nauczycielka etyki", at: "100303"},
	{key: "gabriel.los", name: "Gabriel Łosiewicz", function: "nauczyciel podstaw przedsiębiorczości", at: "100238"},
	{key: "apolonia.bak", name: "Apolonia Bąkowska", function: "dyrektorka szkoły", at: "100320"},
	{key: "roman.sroka", name: "Roman Sroczyński", function: "wicedyrektor szkoły", at: "100313"},

	// CDN Dąbrowa.
	{key: "kazimierz.wyrwidab", name: "Kazimierz Wyrwidębski", function: "doradca metodyczny matematyki", at: "900102", shown: []string{"function", "email"}},
	{key: "zofia.jezyczek", name: "Zofia Języczek", function: "nauczycielka matematyki", at: "100501"},
	{key: "bartlomiej.pienkos", name: "Bartłomiej Pieńkoś", function: "nauczyciel matematyki i fizyki", at: "100502"},
	{key: "celina.wegrzynek", name: "Celina Węgrzynek", function: "nauczycielka matematyki", at: "100503"},
	{key: "dorota.zaczek", name: "Dorota Żaczek", function: "nauczycielka edukacji wczesnoszkolnej", at: "100504"},
	{key: "fryderyk.slod", name: "Fryderyk Słodowicz", function: "nauczyciel matematyki", at: "100505"},
	{key: "genowefa.tracz", name: "Genowefa Traczykowa", function: "nauczycielka matematyki", at: "100506"},
	{key: "henryk.olszyna", name: "Henryk Olszynka", function: "nauczyciel informatyki", at: "100507"},

	// The programme for local governments.
	{key: "felicja.sowinska", name: "Felicja Sowiniecka", function: "specjalistka do spraw programów"},
	{key: "alina.rakowska", name: "Alina Rakowiecka", function: "podinspektorka do spraw oświaty", at: "swieciechowa"},
	{key: "leon.wilczek", name: "Leon Wilczkiewicz", function: "sekretarz gminy", at: "dwikozy"},
	{key: "sabina.czyzowicz", name: "Sabina Czyżowicz", function: "inspektorka do spraw szkół", at: "dwikozy"},
}

var (
	administrator = person{key: admin, name: "Halina Sobótkowska-Bień"}
	unconfirmed   = person{key: pending, name: "Kamila Trzcionkowska", function: "nauczycielka języka angielskiego", at: "100404"}
	// last completes the demonstration.
	last = person{key: free, name: "Żaneta Źrebięcka", function: "nauczycielka matematyki", at: "100407"}
)
