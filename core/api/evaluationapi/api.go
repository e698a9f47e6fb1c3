// Package evaluationapi is the API of evaluations. What is asked and answered
// under a code has addresses of its own, which know nobody.
package evaluationapi

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
	webkit "ore.edu.pl/sieci/core/web/kit"
)

// Round is an evaluation as it is listed.
type Round struct {
	ID        uuid.UUID  `json:"id"`
	Network   uuid.UUID  `json:"network"`
	Tool      string     `json:"tool"`
	Title     string     `json:"title"`
	State     string     `json:"state" enum:"draft,open,closed"`
	Outcome   string     `json:"outcome,omitempty" enum:"pending,few,ready,failed" doc:"Of a closed round: being counted, too few answers, results are there, not counted."`
	Questions []string   `json:"questions"`
	Threshold int        `json:"threshold" doc:"The least answers on which a shown number rests."`
	OpenedAt  *time.Time `json:"opened_at,omitempty"`
	ClosesAt  *time.Time `json:"closes_at,omitempty"`
	ClosedAt  *time.Time `json:"closed_at,omitempty"`
	Invited   int        `json:"invited"`
	Issued    int        `json:"issued" doc:"Codes that were given out."`
	Answers   int        `json:"answers"`
	MayAnswer bool       `json:"may_answer" doc:"The reader may take a code."`
	MayManage bool       `json:"may_manage"`
	Version   int        `json:"version"`
}

func roundOf(r *evaluation.Round) Round {
	return Round{ID: r.ID, Network: r.Network, Tool: r.Tool, Title: r.Title, State: string(r.State), Outcome: string(r.Outcome), Questions: r.Questions,
		Threshold: r.Threshold, OpenedAt: utc(r.OpenedAt), ClosesAt: utc(r.ClosesAt), ClosedAt: utc(r.ClosedAt),
		Invited: r.Counts.Eligible, Issued: r.Counts.Issued, Answers: r.Counts.Answers, MayAnswer: r.May.Answer, MayManage: r.May.Manage, Version: r.Version}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id"`
}

// Plan is what an evaluation is made of.
type Plan struct {
	Tool      string    `json:"tool,omitempty" maxLength:"200" doc:"Qualified: ore.survey:survey. Missing means the only one."`
	Title     string    `json:"title,omitempty" maxLength:"200"`
	Questions []string  `json:"questions" maxItems:"300" doc:"Paths of questions, as the bank names them."`
	Closes    time.Time `json:"closes" doc:"When it closes by itself."`
}

func (p *Plan) Plan() evaluation.Plan {
	return evaluation.Plan{Tool: p.Tool, Title: p.Title, Questions: p.Questions, Closes: p.Closes}
}

type prepareIn struct {
	IDIn
	Body Plan
}

type editIn struct {
	IDIn
	Body struct {
		Plan
		Version int `json:"version"`
	}
}

type openIn struct {
	IDIn
	Body struct {
		Version   int  `json:"version"`
		Confirmed bool `json:"confirmed" doc:"That anonymity and threshold can never be changed."`
	}
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type question struct {
	Path  string `json:"path"`
	Label string `json:"label"`
	Group string `json:"group,omitempty"`
	Open  bool   `json:"open" doc:"Answered in own words."`
}

type section struct {
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Questions []question `json:"questions"`
}

type bankOut struct {
	Body struct {
		Sections []section `json:"sections"`
	}
}

type roundOut struct {
	Body struct {
		Round
		Form json.RawMessage `json:"form,omitempty" doc:"The questionnaire (vocabulary in the handbook for authors of plugins)."`
	}
}

type listOut struct{ Body kit.List[Round] }

type codeIn struct {
	IDIn
	Body struct {
		Nonce string `json:"nonce" minLength:"20" maxLength:"20" pattern:"^[A-Z2-7]{20}$" doc:"Random, made by the caller: the same one again within two minutes gives the same code, because nothing else is kept by which a repeat could be told."`
	}
}

type codeOut struct {
	Body struct {
		Code string `json:"code" doc:"The only key to the paper. It is kept nowhere and given out once."`
	}
}

type resultsOut struct {
	Body struct {
		Round
		View json.RawMessage `json:"view,omitempty" doc:"Numbers and open answers, as far as they may be shown; missing while there are none."`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *evaluation.Service) {
	kit.Register(a, kit.Op{ID: "listEvaluations", Most: 50, Method: "GET", Path: "/networks/{id}/evaluations", Perm: evaluation.PermView, Tag: "evaluations", Summary: "Evaluations of a network, the newest first."},
		func(ctx context.Context, in *IDIn) (*listOut, error) {
			l, err := s.List(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			items := make([]Round, len(l.Rounds))
			for i, r := range l.Rounds {
				items[i] = roundOf(r)
			}
			return &listOut{kit.Page(items, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "getEvaluationBank", Method: "GET", Path: "/networks/{id}/evaluations/bank", Perm: evaluation.PermManage, Tag: "evaluations", Summary: "Questions that can be asked."},
		func(ctx context.Context, in *IDIn) (*bankOut, error) {
			list, err := s.Bank(ctx, access.From(ctx), in.ID, "")
			if err != nil {
				return nil, err
			}
			l, out := i18n.FromContext(ctx), &bankOut{}
			out.Body.Sections = []section{}
			for _, x := range list {
				sec := section{Name: x.Name, Title: x.Title.In(l), Questions: []question{}}
				for _, q := range x.Questions {
					sec.Questions = append(sec.Questions, question{q.Path, q.Label.In(l), q.Group.In(l), q.Open})
				}
				out.Body.Sections = append(out.Body.Sections, sec)
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "getEvaluation", Method: "GET", Path: "/evaluations/{id}", Perm: evaluation.PermAnswer, Summary: "One evaluation; of an open one nothing but counts is told."},
		func(ctx context.Context, in *IDIn) (*roundOut, error) {
			r, err := s.Get(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			out := &roundOut{}
			out.Body.Round = roundOf(r)
			if r.Form != nil {
				out.Body.Form = r.Form.Canonical()
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "getEvaluationResults", Method: "GET", Path: "/evaluations/{id}/results", Perm: evaluation.PermResults, Summary: "Results of a closed evaluation, as far as they may be shown."},
		func(ctx context.Context, in *IDIn) (*resultsOut, error) {
			res, err := s.Results(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			out := &resultsOut{}
			out.Body.Round = roundOf(res.Round)
			if res.View == nil {
				return out, nil
			}
			v, err := view.Resolve(ctx, res.View, nil, nil)
			if err == nil {
				out.Body.View, err = view.NewDocument(v)
			}
			return out, err
		})
	acts(a, s)
	papers(a, s)
}

func acts(a *kit.API, s *evaluation.Service) {
	kit.Register(a, kit.Op{ID: "prepareEvaluation", Method: "POST", Path: "/networks/{id}/evaluations", Perm: evaluation.PermManage, Status: 201, Tag: "evaluations", Summary: "Prepare an evaluation as a draft."},
		func(ctx context.Context, in *prepareIn) (*createdOut, error) {
			id, err := s.Prepare(ctx, access.From(ctx), in.ID, in.Body.Plan())
			out := &createdOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "editEvaluation", Method: "PUT", Path: "/evaluations/{id}", Perm: evaluation.PermManage, Status: 204, Summary: "Change a draft."},
		func(ctx context.Context, in *editIn) (*kit.None, error) {
			return nil, s.Edit(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.Plan.Plan())
		})
	kit.Register(a, kit.Op{ID: "discardEvaluation", Method: "DELETE", Path: "/evaluations/{id}", Perm: evaluation.PermManage, Status: 204, Summary: "Throw a draft away."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Discard(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "openEvaluation", Method: "POST", Path: "/evaluations/{id}/open", Perm: evaluation.PermManage, Status: 204, Summary: "Open a draft: questions, anonymity, threshold and who is asked are then fixed."},
		func(ctx context.Context, in *openIn) (*kit.None, error) {
			return nil, s.Open(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.Confirmed)
		})
	for _, x := range []struct {
		id, path, summary string
		do                func(context.Context, *access.Actor, uuid.UUID) error
	}{
		{"closeEvaluation", "close", "Close an evaluation before its date.", s.Close},
		{"remindEvaluation", "remind", "Remind those who have not taken their code; nobody learns who they are.", s.Remind},
		{"recountEvaluation", "recount", "Count again what could not be counted.", s.Recount},
	} {
		kit.Register(a, kit.Op{ID: x.id, Method: "POST", Path: "/evaluations/{id}/" + x.path, Perm: evaluation.PermManage, Status: 204, Summary: x.summary},
			func(ctx context.Context, in *IDIn) (*kit.None, error) {
				return nil, x.do(ctx, access.From(ctx), in.ID)
			})
	}
	kit.Register(a, kit.Op{ID: "issueEvaluationCode", Method: "POST", Path: "/evaluations/{id}/code", Perm: evaluation.PermAnswer, Status: 201, Summary: "Take one's code, once. Idempotency keys are not kept here: repeat with the same nonce."},
		func(ctx context.Context, in *codeIn) (*codeOut, error) {
			c, err := s.Issue(ctx, access.From(ctx), in.ID, in.Body.Nonce)
			out := &codeOut{}
			out.Body.Code = string(c)
			return out, err
		})
}

// PaperIn names a paper.
type PaperIn struct {
	Code string `path:"code" maxLength:"60"`
}

func (p *PaperIn) code() (ballot.Code, error) {
	c, ok := ballot.ParseCode(p.Code)
	if !ok {
		return "", fault.ErrNotFound
	}
	return c, nil
}

type paperOut struct {
	Body struct {
		Title   string          `json:"title"`
		Network string          `json:"network"`
		State   string          `json:"state" enum:"open,cast,closed"`
		Form    json.RawMessage `json:"form,omitempty"`
		Hash    string          `json:"hash,omitempty" doc:"Under which the paper lies, in hexadecimal: all that is kept beside the sealed answer."`
	}
}

type castIn struct {
	PaperIn
	Body struct {
		Answers json.RawMessage `json:"answers"`
	}
}

func papers(a *kit.API, s *evaluation.Service) {
	kit.Register(a, kit.Op{ID: "getBallot", Method: "GET", Path: "/ballots/{code}", Perm: webkit.Public, Unlinked: true, Summary: "The questionnaire under a code. Who asks is not looked up."},
		func(ctx context.Context, in *PaperIn) (*paperOut, error) {
			c, err := in.code()
			if err != nil {
				return nil, err
			}
			sheet, err := s.Sheet(ctx, c)
			if err != nil {
				return nil, err
			}
			out := &paperOut{}
			out.Body.Title, out.Body.Network, out.Body.State = sheet.Title, sheet.Network, "open"
			switch {
			case sheet.Closed:
				out.Body.State = "closed"
			case sheet.Cast:
				out.Body.State, out.Body.Hash = "cast", hex.EncodeToString(sheet.Hash)
			default:
				doc, err := form.NewDocument(i18n.FromContext(ctx), sheet.Form, nil, nil)
				if err != nil {
					return nil, err
				}
				if out.Body.Form, err = json.Marshal(doc); err != nil {
					return nil, err
				}
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "castBallot", Method: "POST", Path: "/ballots/{code}/answer", Perm: webkit.Public, Status: 204, Unlinked: true, Summary: "Answer, once. Repeating it is refused and changes nothing."},
		func(ctx context.Context, in *castIn) (*kit.None, error) {
			c, err := in.code()
			if err != nil {
				return nil, err
			}
			return nil, s.Cast(ctx, c, in.Body.Answers)
		})
}
