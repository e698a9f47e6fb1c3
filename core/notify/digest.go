package notify

// The digest: once a working day at seven (or once a week, or never: as the
// person chose) one letter with everything that had no letter of its own and
// that the person has not read on the platform meanwhile. The job looks every
// few minutes who is due, in pages of people; each page is one transaction
// that writes the letters, takes the entries out of waiting and queues the
// sending, so that a run that dies or runs twice sends nothing twice. What a
// letter says is read when it goes out.

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
)

const (
	// digestEvery is how late after the hour a digest may go out.
	digestEvery   = 5 * time.Minute
	digestTimeout = 10 * time.Minute
	// digestPeople is how many people one transaction serves.
	digestPeople = 500
	// digestMost is how many entries a letter shows; the rest is counted.
	digestMost = 40
	// digestKey marks a letter as a digest.
	digestKey = "notify.digest"
)

// DigestArgs sends the digests that are due.
type DigestArgs struct{}

// Kind implements [job.Args].
func (DigestArgs) Kind() string { return "notify.digest" }

func (s *Service) digest(ctx context.Context, _ *job.Job[DigestArgs]) error {
	_, err := s.Digest(ctx)
	return err
}

// freeDay is the answer of [FreeDay] for today.
type freeDay struct {
	all     bool
	regions []string
}

func (s *Service) free(now time.Time) freeDay {
	if s.c.FreeDay == nil {
		return freeDay{regions: []string{}}
	}
	all, regions := s.c.FreeDay(now.In(clock.Warsaw))
	if regions == nil {
		regions = []string{}
	}
	return freeDay{all, regions}
}

// Digest queues a letter for everybody whose digest is due at the domain time
// and returns how many. The job calls it; the demonstration too, after moving
// the clock. Safe to call from several nodes at once.
func (s *Service) Digest(ctx context.Context) (int, error) {
	total, after := 0, uuid.Nil
	for {
		var n int
		err := s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			n = 0
			due, err := s.digestPage(ctx, tx, after)
			if err != nil || len(due) == 0 {
				return err
			}
			n, after = len(due), due[len(due)-1]
			return nil
		})
		if err != nil {
			return total, err
		}
		if total += n; n < digestPeople {
			return total, nil
		}
	}
}

// digestPage serves the next people after the given one.
func (s *Service) digestPage(ctx context.Context, tx *db.Tx, after uuid.UUID) ([]uuid.UUID, error) {
	now := s.c.Clock.Now()
	due, err := dueForDigest(ctx, tx, after, now, s.free(now), digestPeople)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	letters, err := insertDigests(ctx, tx, due, "digest:"+now.In(clock.Warsaw).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	if err := takeIntoDigest(ctx, tx, letters); err != nil {
		return nil, err
	}
	jobs := make([]job.Args, len(letters))
	for i, l := range letters {
		jobs[i] = MailArgs{Letter: l.ID}
	}
	if len(jobs) > 0 {
		if _, err := s.c.Jobs.InsertMany(ctx, tx, jobs, nil); err != nil {
			return nil, err
		}
	}
	return due, nil
}

// digestParts fills a letter with what waits for it; false when the person has
// read everything meanwhile.
func (s *Service) digestParts(ctx context.Context, r *letterRow, l i18n.Lang, p *letterParts) (bool, error) {
	rows, err := digestEntries(ctx, s.c.DB, r.ID, digestMost+1)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	total := len(rows)
	if total > digestMost {
		if total, err = countDigest(ctx, s.c.DB, r.ID); err != nil {
			return false, err
		}
		rows = rows[:digestMost]
	}
	var ids []uuid.UUID
	for i := range rows {
		if rows[i].Network.Valid && !slices.Contains(ids, rows[i].Network.UUID) {
			ids = append(ids, rows[i].Network.UUID)
		}
	}
	titles := map[uuid.UUID]string{}
	if len(ids) > 0 {
		if titles, err = s.c.Networks.Titles(ctx, ids); err != nil {
			return false, err
		}
	}
	for i := range rows {
		if err := p.add(&rows[i], l, titles[rows[i].Network.UUID], s.c.BaseURL); err != nil {
			return false, err
		}
	}
	p.Title = i18n.Plural(l, "notify.digest.title", total)
	p.Paragraphs = []string{i18n.Text(l, "notify.digest.lead")}
	if more := total - len(rows); more > 0 {
		p.More = i18n.Plural(l, "notify.digest.more", more)
	}
	p.Link, p.Action = s.c.BaseURL+listPath, i18n.Text(l, "notify.digest.action")
	p.LinkHint = i18n.Text(l, "notify.link_hint")
	return true, nil
}

// add puts an entry under its network's heading; entries come sorted by network.
func (p *letterParts) add(r *digestRow, l i18n.Lang, network, base string) error {
	w, err := r.words(l)
	if err != nil {
		return err
	}
	if network == "" {
		network = i18n.Text(l, "notify.digest.general")
	}
	if n := len(p.Groups); n == 0 || p.Groups[n-1].Name != network {
		p.Groups = append(p.Groups, letterGroup{Name: network})
	}
	g := &p.Groups[len(p.Groups)-1]
	e := letterEntry{Title: strings.Join(strings.Fields(w.Title), " "), Text: firstParagraph(w.Text)}
	if r.Link != "" {
		e.Link, e.Action = base+r.Link, w.Action
	}
	g.Entries = append(g.Entries, e)
	return nil
}

// firstParagraph of a text; the platform shows the rest.
func firstParagraph(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n\n")
	return first
}
