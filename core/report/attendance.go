package report

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
)

// Attendance writes the plain note of how many teaching hours of the network's
// meetings a person attended in its school year. A member gets their own;
// whoever sees everybody's hours (meeting:hours) gets any member's. NotFound
// otherwise. It is no certificate of completed training and says so.
func (s *Service) Attendance(ctx context.Context, a *access.Actor, id, person uuid.UUID) (*Paper, error) {
	var n *network.Network
	var h *schedule.HoursPage
	err := db.Together(ctx, s.c.DB,
		func(ctx context.Context, _ db.Q) (err error) { n, err = s.c.Networks.Get(ctx, a, id); return err },
		func(ctx context.Context, _ db.Q) (err error) { h, err = s.c.Meetings.Hours(ctx, a, id, 0); return err })
	if err != nil {
		return nil, err
	}
	l := i18n.FromContext(ctx)
	t := func(key string, args ...any) string { return i18n.Text(l, key, args...) }
	for i := range h.People {
		p := &h.People[i]
		if p.ID != person {
			continue
		}
		d := &document.Document{Title: t("report.note.title"), Lang: string(l), Footer: n.CentreName, Blocks: []document.Block{
			document.Facts{Rows: []document.Fact{
				{Label: t("report.person"), Value: p.Name},
				{Label: t("report.school"), Value: p.Label(ctx, p.School)},
				{Label: t("report.note.network"), Value: n.Title},
				{Label: t("networks.year"), Value: show.SchoolYear(n.SchoolYear)},
				{Label: t("networks.centre"), Value: n.CentreName},
				{Label: t("report.note.attended"), Value: strconv.Itoa(p.Attended)},
				{Label: t("report.note.hours"), Value: show.TeachingHours(l, p.Minutes)},
				{Label: t("report.note.planned"), Value: show.TeachingHours(l, h.Planned)},
			}},
			document.Paragraph{Text: t("report.note.text", "Date", show.Date(l, s.c.Clock.Now().In(clock.Warsaw)))},
			document.Signature{Under: t("report.note.signature")},
		}}
		return &Paper{d, n}, nil
	}
	return nil, fault.ErrNotFound
}
