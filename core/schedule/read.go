package schedule

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/gather"
)

// meeting is a row as lists show it.
func (s *Service) meeting(ctx context.Context, m *meetingRow) Meeting {
	kind, _ := s.kindOf(ctx, m.qualified(), m.Kind)
	return Meeting{
		ID: m.ID, Network: m.Network, NetworkTitle: m.NetworkTitle, Kind: m.Kind, KindTitle: kind.Title, Title: m.Title, State: m.State, Reason: m.Reason,
		SchoolYear: m.SchoolYear, Starts: m.Starts, Ends: m.Ends, OnSite: m.OnSite, Online: m.Online, Place: m.Place, Minutes: m.Teaching,
		Programme: m.ProgrammeAt, Version: m.Version,
	}
}

// Detail is a meeting with everything that the reader may see of it.
type Detail struct {
	Meeting
	Note string `json:"note"`
	// Address and Link are shown to who comes that way, and to who manages.
	Address string `json:"address,omitempty"`
	Link    string `json:"link,omitempty"`
	// Invited: the reader may answer.
	Invited bool `json:"invited"`
	// Presence is the reader's own.
	Presence Presence `json:"presence,omitempty"`
	Items    []Item   `json:"agenda"`
	// Returned are open action items of earlier meetings and Waiting adopted
	// proposals; only on the next meeting, at the top of its agenda.
	Returned []Action  `json:"returned,omitempty"`
	Waiting  []Waiting `json:"waiting,omitempty"`
	// Outcome is empty before the meeting begins.
	Outcome Minutes     `json:"outcome"`
	Files   []file.File `json:"-"`
	May     Rights      `json:"may"`
	// NetworkOpen: the network takes changes.
	NetworkOpen bool `json:"network_open"`
	// Registered is when attendance was first saved, Alarm when the alarm to send
	// the programme fired, Delivery what became of the newest sending, by state and
	// "read"; for those who manage.
	Registered *time.Time     `json:"registered_at,omitempty"`
	Alarm      *time.Time     `json:"programme_alarm_at,omitempty"`
	Delivery   map[string]int `json:"delivery,omitempty"`
	// MemberLed is the share of the agenda led by members, in per cent.
	MemberLed float64   `json:"member_led_percent"`
	UpdatedAt time.Time `json:"updated_at"`
	// CheckIn: codes are taken now.
	CheckIn bool `json:"check_in"`
	// At is where permissions of the network are asked.
	At access.Place `json:"-"`
}

// Waiting is an adopted proposal that waits for an agenda.
type Waiting struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title"`
	Minutes *int      `json:"minutes"`
	Leader  string    `json:"leader"`
}

// Get reads a meeting as the actor may see it. Needs meeting:view; drafts need
// meeting:manage.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Detail, error) {
	now := s.clock.Now()
	var m *meetingRow
	var more *detailRow
	var files map[uuid.UUID][]file.File
	err := db.Together(ctx, s.db, func(ctx context.Context, q db.Q) (err error) {
		m, more, err = readDetail(ctx, q, id, a.Person, now)
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		files, err = s.files.Of(ctx, q, FileKind, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.permit(a, m, PermView); err != nil {
		return nil, err
	}
	d := &Detail{
		Meeting: s.meeting(ctx, m), Files: files[id], Note: m.Note, Invited: more.Invited, Presence: more.Presence, Items: more.Items, Outcome: more.Minutes,
		May: s.rights(a, m.place()), NetworkOpen: m.Status == "open", Registered: m.RegisterAt, UpdatedAt: m.UpdatedAt, CheckIn: m.checking(now), At: m.place(),
	}
	d.Outcome.Text, d.Outcome.Version = m.MinutesText, m.MinutesVersion
	d.MemberLed = MemberLedShare(d.Items)
	d.Answer, d.Stale = more.Answer, more.Answer != "" && more.AnswerMoved != m.Moved
	if d.May.Manage || d.Answer == OnSite {
		d.Address = m.Address
	}
	if d.May.Manage || d.Answer == Online {
		d.Link = m.Link
	}
	if more.Next {
		d.Returned, d.Waiting = more.Returned, more.Waiting
	}
	if d.May.Manage || d.May.Hours {
		d.Counts = &more.Counts
	}
	if d.May.Manage {
		d.Alarm, d.Delivery = m.AlarmAt, more.Delivery
	}
	return d, nil
}

// Page is a page of a network's meetings.
type Page struct {
	Network uuid.UUID    `json:"network_id"`
	Title   string       `json:"network"`
	Open    bool         `json:"open"` // the network takes changes
	At      access.Place `json:"-"`    // where permissions of the network are asked
	Year    int          `json:"school_year"`
	// Years are the school years with meetings, the latest first.
	Years []int     `json:"school_years"`
	Items []Meeting `json:"items"`
	Next  string    `json:"next"`
	May   Rights    `json:"may"`
	// Findings compare the year's meetings with the rule of the type, for those
	// who manage them.
	Findings []Finding `json:"findings,omitempty"`
}

func pageLimit(n int) int {
	if n <= 0 {
		return 30
	}
	return min(n, 100)
}

// List shows a network's meetings of a school year (0: the network's own), the
// next one first, then the others to come, then those that are over, the latest
// first; drafts to those who manage meetings. limit is 1–100, 0 = 30. Needs
// meeting:view.
func (s *Service) List(ctx context.Context, a *access.Actor, network uuid.UUID, year int, after string, limit int) (*Page, error) {
	n, err := s.within(ctx, a, network, PermView)
	if err != nil {
		return nil, err
	}
	if year == 0 {
		year = n.NetworkYear
	}
	now, limit := s.clock.Now(), pageLimit(limit)
	p := &Page{Network: network, Title: n.NetworkTitle, Open: n.Status == "open", At: n.place(), Year: year, May: s.rights(a, n.place())}
	sum := []byte("meetings/" + network.String() + "/" + itoa(year))
	from, err := s.listKey(sum, after)
	if err != nil {
		return nil, err
	}
	rows, err := listMeetings(ctx, s.db, network, a.Person, year, p.May.Manage, now, from, limit+1)
	if err != nil {
		return nil, err
	}
	if p.Next, err = s.nextKey(sum, rows, limit); err != nil {
		return nil, err
	}
	for i := range rows[:min(limit, len(rows))] {
		r := &rows[i]
		r.networkRow = *n
		m := s.meeting(ctx, &r.meetingRow)
		m.Answer, m.Stale = r.Answer, r.Answer != "" && r.AnswerMoved != r.Moved
		if p.May.Manage {
			m.Counts = &Counts{Invited: r.Invited, OnSite: r.NOnSite, Online: r.NOnline, No: r.NNo, Stale: r.NStale}
		}
		p.Items = append(p.Items, m)
	}
	if len(rows) > 0 {
		p.Years = rows[0].years()
		if p.May.Manage {
			kinds, rule := s.Kinds(ctx, n.qualified())
			p.Findings = Findings(rows[0].year(), kinds, rule)
		}
	} else if p.May.Manage {
		_, rule := s.Kinds(ctx, n.qualified())
		p.Findings = Findings(nil, nil, rule)
	}
	return p, nil
}

// Finding is something that a year's meetings lack.
type Finding struct {
	// Code is few, many, first or last.
	Code string `json:"code"`
	// N is how many meetings there are, Least and Most what the rule asks for.
	N     int `json:"meetings"`
	Least int `json:"least"`
	Most  int `json:"most"`
	// Kind is what the first or last meeting should be.
	Kind string `json:"kind,omitempty"`
	// Hard findings make the network non-compliant; others are warnings.
	Hard bool `json:"hard"`
}

// Planned is a meeting of a year for [Findings]: those not cancelled, drafts too.
type Planned struct {
	Kind   string    `json:"kind"`
	Starts time.Time `json:"starts"`
}

// Findings holds a school year's meetings, in any order, against the rule: how
// often, how it begins and how it ends (requirements 6 and 9).
func Findings(year []Planned, kinds []Kind, r Rule) []Finding {
	list := slices.Clone(year)
	slices.SortFunc(list, func(a, b Planned) int { return a.Starts.Compare(b.Starts) })
	var out []Finding
	f := Finding{N: len(list), Least: r.Least, Most: r.Most}
	switch {
	case len(list) < r.Least:
		f.Code, f.Hard = "few", true
		out = append(out, f)
	case len(list) > r.Most && r.Most > 0:
		f.Code = "many"
		out = append(out, f)
	}
	if len(list) == 0 {
		return out
	}
	end := func(code, kind string, marked func(Kind) bool) {
		var want []Kind
		for _, k := range kinds {
			if marked(k) {
				want = append(want, k)
			}
		}
		if len(want) > 0 && !slices.ContainsFunc(want, func(k Kind) bool { return k.Name == kind }) {
			f := f
			f.Code, f.Kind, f.Hard = code, want[0].Title, true
			out = append(out, f)
		}
	}
	end("first", list[0].Kind, func(k Kind) bool { return k.First })
	// One meeting alone is a beginning, not yet an end.
	if len(list) > 1 {
		end("last", list[len(list)-1].Kind, func(k Kind) bool { return k.Last })
	}
	return out
}

// Candidates are the people of a network who may lead items and own actions, by
// name, at most 500: the coordinator as well. Needs meeting:manage.
func (s *Service) Candidates(ctx context.Context, a *access.Actor, network uuid.UUID) ([]Person, error) {
	var out []Person
	err := db.Together(ctx, s.db, func(ctx context.Context, _ db.Q) error {
		_, err := s.within(ctx, a, network, PermManage)
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		out, err = listPeople(ctx, q, network, 500)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Next are the meetings of networks in which the actor is, that are not over, the
// earliest first, 1–100 (0 = 30). Any signed-in person.
func (s *Service) Upcoming(ctx context.Context, a *access.Actor, limit int) ([]Meeting, error) {
	now := s.clock.Now()
	return s.span(ctx, a, now, now.AddDate(2, 0, 0), pageLimit(limit))
}

// mostSpan bounds what one page of a calendar shows.
const mostSpan = 500

// Span are the meetings of networks in which the actor is (and drafts of those
// they lead) that touch the time from from to to, the earliest first, at most
// 500; cancelled ones too. Any signed-in person.
func (s *Service) Span(ctx context.Context, a *access.Actor, from, to time.Time) ([]Meeting, error) {
	return s.span(ctx, a, from, to, mostSpan)
}

func (s *Service) span(ctx context.Context, a *access.Actor, from, to time.Time, limit int) ([]Meeting, error) {
	if !a.SignedIn() {
		return nil, errSignIn
	}
	rows, err := listSpan(ctx, s.db, a.Person, from, to, s.clock.Now(), limit)
	if err != nil {
		return nil, err
	}
	out := make([]Meeting, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.hidden() && !s.auth.Can(a, PermManage, r.place()) || !s.auth.Can(a, PermView, r.place()) {
			continue
		}
		m := s.meeting(ctx, &r.meetingRow)
		m.Answer, m.Stale = r.Answer, r.Answer != "" && r.AnswerMoved != r.Moved
		out = append(out, m)
	}
	return out, nil
}

// FeedEvent is a meeting as a person's own calendar shows it.
type FeedEvent struct {
	// UID is the same as long as the meeting exists.
	UID      string
	Sequence int
	// Cancelled meetings stay in the feed.
	Cancelled    bool
	Starts, Ends time.Time
	Title        string
	Network      string
	KindTitle    string
	// Place is the address for who comes, Link for who takes part online; before
	// an answer the venue alone.
	Place, Link string
	Path        string // of the meeting's page
	UpdatedAt   time.Time
}

// FeedEvents are the announced meetings of the networks in which a person is that
// touch the time from from to to, the earliest first, at most 500, without those
// that they will not attend. The caller has authorised: a token of the person.
func (s *Service) FeedEvents(ctx context.Context, person uuid.UUID, from, to time.Time) ([]FeedEvent, error) {
	rows, err := listSpan(ctx, s.db, person, from, to, s.clock.Now(), mostSpan)
	if err != nil {
		return nil, err
	}
	out := make([]FeedEvent, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.hidden() || r.Answer == No && r.State != Cancelled {
			continue
		}
		kind, _ := s.kindOf(ctx, r.qualified(), r.Kind)
		e := FeedEvent{UID: r.ID.String() + "@sieci", Sequence: r.Sequence, Cancelled: r.State == Cancelled, Starts: r.Starts, Ends: r.Ends, Title: r.Title,
			Network: r.NetworkTitle, KindTitle: kind.Title, Path: PathOf(r.ID), UpdatedAt: r.UpdatedAt}
		switch {
		case r.Leads:
			e.Place, e.Link = join(r.Place, r.Address), r.Link
		case r.Answer == OnSite:
			e.Place = join(r.Place, r.Address)
		case r.Answer == Online:
			e.Link = r.Link
		case r.OnSite:
			e.Place = r.Place
		}
		if at := r.AnsweredAt; at != nil && at.After(e.UpdatedAt) {
			e.UpdatedAt = *at
		}
		out = append(out, e)
	}
	return out, nil
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// AskTodo is what meetings ask of the actor.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) { return TodoPart, a.SignedIn() }

// ReadTodo reads the answer of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]TodoRow, error) {
	return gather.Decode[TodoRow](f, TodoPart.Key)
}

// AskNext is the next meeting of a network, for its first page.
func (s *Service) AskNext(a *access.Actor) (gather.Part, bool) {
	return NextPart, s.auth.Anywhere(a, PermView)
}

// ReadNext reads the answer of [Service.AskNext]; nil when none is announced.
func (s *Service) ReadNext(ctx context.Context, f gather.Found) (*NextRow, error) {
	rows, err := gather.Decode[NextRow](f, NextPart.Key)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	k, _ := s.kindOf(ctx, effect.Qualify(rows[0].Module, rows[0].Type), rows[0].Kind)
	rows[0].KindTitle = k.Title
	return &rows[0], nil
}

// KindsIn lists the kinds of meeting of a network. Needs meeting:view there.
func (s *Service) KindsIn(ctx context.Context, a *access.Actor, network uuid.UUID) (Network, []Kind, error) {
	n, err := s.within(ctx, a, network, PermView)
	if err != nil {
		return Network{}, nil, err
	}
	kinds, _ := s.Kinds(ctx, n.qualified())
	return Network{ID: n.Network, Title: n.NetworkTitle, Open: n.Status == "open", At: n.place(), May: s.rights(a, n.place())}, kinds, nil
}

// Network is a network as pages about its meetings show it.
type Network struct {
	ID    uuid.UUID
	Title string
	Open  bool
	At    access.Place
	May   Rights
}
