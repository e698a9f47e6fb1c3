package board

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/markdown"
)

// AppealsPath is the page of appeals that wait; one appeal lies behind it.
const AppealsPath = "/odwolania"

// Appeal asks the centre of the network to look at the hiding of the actor's
// own post; the author may do so after leaving the network too. Conflict when
// the post is in sight or was appealed for already.
func (s *Service) Appeal(ctx context.Context, a *access.Actor, post uuid.UUID, text string) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	h, p, err := readPost(ctx, s.db, post)
	if err != nil {
		return err
	}
	if p.Author != a.Person {
		return fault.ErrNotFound
	}
	if p.State != Hidden {
		return fault.New(fault.Conflict, "board.not_hidden")
	}
	text = strings.TrimSpace(text)
	var f fault.Fields
	checkWords(&f, "appeal", "board.appeal_missing", text, MaxAppeal)
	if err := f.Err(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "board:appeal", []any{post, text}, func(ctx context.Context, tx *db.Tx) (none, error) {
		ok, err := setAppeal(ctx, tx, p.Hiding.UUID, text, s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.appealed_already")
		}
		if err := s.note(ctx, tx, a, h.Network, "board:appeal", "board_post", post); err != nil {
			return none{}, err
		}
		to, err := s.judges(ctx, tx, &h.place, p.HiddenBy.UUID, a.Person)
		if err != nil {
			return none{}, err
		}
		return none{}, s.tell(ctx, tx, &h, "board.notice.appeal", AppealsPath+"/"+p.Hiding.UUID.String(), true, "", nil, to...)
	})
	return err
}

// AppealCase is a hiding that its author appealed against.
type AppealCase struct {
	ID           uuid.UUID     `json:"id"`
	Network      uuid.UUID     `json:"network_id"`
	NetworkTitle string        `json:"network"`
	Post         uuid.UUID     `json:"post_id"`
	Title        string        `json:"thread"`
	Author       string        `json:"author"`
	WrittenAt    time.Time     `json:"written_at"`
	HTML         markdown.Safe `json:"html,omitzero"` // of the post; only where one case is read
	HiddenBy     string        `json:"hidden_by"`
	Role         string        `json:"hidden_by_role"`
	Reason       string        `json:"reason"`
	HiddenAt     time.Time     `json:"hidden_at"`
	Appeal       string        `json:"appeal"`
	AppealedAt   time.Time     `json:"appealed_at"`
	// Decision is "", upheld or restored, with the answer to both.
	Decision string `json:"decision,omitempty"`
	Answer   string `json:"answer,omitempty"`
	// May: the actor may decide it; false for whoever hid the post or wrote it.
	May bool `json:"may_decide"`
}

// Appeals lists the open appeals that the actor may see, the oldest first, at
// most 50. Needs board:judge somewhere.
func (s *Service) Appeals(ctx context.Context, a *access.Actor) ([]AppealCase, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	if !s.auth.Anywhere(a, PermJudge) {
		return nil, fault.ErrNotFound
	}
	reach := s.auth.Reach(a, PermJudge)
	rows, err := openAppeals(ctx, s.db, reach.All, reach.Centres)
	if err != nil {
		return nil, err
	}
	out := make([]AppealCase, len(rows))
	for i := range rows {
		out[i] = rows[i].appeal(a)
	}
	if len(out) > 0 {
		err = s.look(ctx, a, uuid.Nil, "board_hiding", "")
	}
	return out, err
}

// OneAppeal reads an appeal with the words of the post. Needs board:judge;
// reading it is accounted for.
func (s *Service) OneAppeal(ctx context.Context, a *access.Actor, id uuid.UUID) (AppealCase, error) {
	r, err := s.appeal(ctx, a, id)
	if err != nil {
		return AppealCase{}, err
	}
	out := r.appeal(a)
	out.HTML = markdown.Render(r.Body)
	return out, s.look(ctx, a, r.Network, "board_hiding", id.String())
}

func (s *Service) appeal(ctx context.Context, a *access.Actor, id uuid.UUID) (appealRow, error) {
	if err := signed(a); err != nil {
		return appealRow{}, err
	}
	r, err := readAppeal(ctx, s.db, id)
	if err != nil {
		return r, err
	}
	return r, s.auth.Require(a, PermJudge, r.at())
}

func (r *appealRow) appeal(a *access.Actor) AppealCase {
	return AppealCase{
		ID: r.ID, Network: r.Network, NetworkTitle: r.NetworkTitle, Post: r.Post, Title: r.Title, Author: r.AuthorName, WrittenAt: r.WrittenAt,
		HiddenBy: r.ByName, Role: r.ByRole, Reason: r.Reason, HiddenAt: r.HiddenAt, Appeal: r.Appeal, AppealedAt: r.AppealedAt,
		Decision: r.Decision, Answer: r.Answer, May: r.Decision == "" && r.LiftedAt == nil && r.By != a.Person && r.Author != a.Person,
	}
}

// Decide ends an appeal: the post comes back into sight, or stays hidden for
// good; the author and whoever hid it are told why. Needs board:judge.
// Forbidden for those two people; Conflict when it is decided already.
func (s *Service) Decide(ctx context.Context, a *access.Actor, id uuid.UUID, restore bool, reason string) error {
	r, err := s.appeal(ctx, a, id)
	if err != nil {
		return err
	}
	if r.By == a.Person || r.Author == a.Person {
		return fault.New(fault.Forbidden, "board.own_act")
	}
	reason = strings.TrimSpace(reason)
	var f fault.Fields
	checkWords(&f, "reason", "board.reason_missing", reason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	decision := "upheld"
	if restore {
		decision = "restored"
	}
	_, err = act(ctx, s, a, "board:judge", []any{id, decision, reason}, func(ctx context.Context, tx *db.Tx) (none, error) {
		if err := lockThread(ctx, tx, r.Thread); err != nil {
			return none{}, err
		}
		ok, err := decideAppeal(ctx, tx, id, decision, reason, a.Person, s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.decided")
		}
		if restore {
			if _, err := setPostState(ctx, tx, r.Post, Hidden, Shown); err != nil {
				return none{}, err
			}
		}
		if err := s.note(ctx, tx, a, r.Network, "board:judge", "board_post", r.Post, decision); err != nil {
			return none{}, err
		}
		h := head{place: r.place, Title: r.Title}
		link := PostPath(r.Network, r.Post)
		if err := s.tell(ctx, tx, &h, "board.notice."+decision, link+"/odwolanie", true, "", map[string]any{"Reason": reason}, r.Author); err != nil {
			return none{}, err
		}
		return none{}, s.tell(ctx, tx, &h, "board.notice.judged_"+decision, link, true, "", map[string]any{"Reason": reason}, r.By)
	})
	return err
}

// Todo is something that waits for one who moderates or judges.
type Todo struct {
	Kind    string    `json:"kind"` // reports or appeal
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"title"` // of the network
	ID      uuid.UUID `json:"id"`    // of the appeal
	N       int       `json:"n"`     // how many posts
}

const todoPart = "board.todo"

// AskTodo is the part of a page that lists reports to judge and appeals to
// decide; false for those who do neither.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	if !a.SignedIn() || !s.auth.Anywhere(a, PermModerate) {
		return gather.Part{}, false
	}
	judged, moderated := s.auth.Reach(a, PermJudge), s.auth.Reach(a, PermModerate)
	return gather.Part{Key: todoPart, SQL: todoRows, Args: []any{db.Array(moderated.Networks), judged.All, db.Array(judged.Centres)}}, true
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }
