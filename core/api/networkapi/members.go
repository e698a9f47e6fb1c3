package networkapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

// AfterIn asks for a page of something in a network.
type AfterIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	kit.AfterIn
}

type membersIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	kit.PageIn
	Former bool `query:"former" doc:"Those who left or were removed; for those who manage members."`
}

// PersonIn names a person in a network.
type PersonIn struct {
	ID     uuid.UUID `path:"id" format:"uuid"`
	Person uuid.UUID `path:"person" format:"uuid"`
}

type roleIn struct {
	PersonIn
	Role string `path:"role" enum:"expert,moderator"`
}

// MembershipIn names a way into a network.
type MembershipIn struct {
	ID         uuid.UUID `path:"id" format:"uuid"`
	Membership uuid.UUID `path:"membership" format:"uuid"`
}

type members = body[kit.List[network.Member]]

func membersAs(p network.MembersPage, err error) (*members, error) {
	return &members{kit.Page(p.Members, p.Next)}, err
}

func registerMembers(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "listNetworkMembers", Method: "GET", Path: "/networks/{id}/members", Perm: network.PermMembers,
		Summary: "List active members by name; those who manage members see more of each.",
	}, func(ctx context.Context, in *membersIn) (*members, error) {
		return membersAs(s.Members(ctx, access.From(ctx), in.ID, in.Former, in.After, in.Limit))
	})
	kit.Register(a, kit.Op{
		ID: "removeNetworkMember", Method: "POST", Path: "/networks/{id}/members/{person}/remove", Perm: network.PermManage, Status: 204,
		Summary: "End a membership with a reason that the person is told.",
	}, func(ctx context.Context, in *struct {
		PersonIn
		Body struct {
			Reason string `json:"reason" maxLength:"2000"`
		}
	},
	) (*kit.None, error) {
		return nil, s.Remove(ctx, access.From(ctx), in.ID, in.Person, in.Body.Reason)
	})
	kit.Register(a, kit.Op{
		ID: "assignNetworkRole", Fresh: true, Method: "PUT", Path: "/networks/{id}/members/{person}/roles/{role}", Perm: network.PermRoles, Status: 204,
		Summary: "Make an active member an expert or moderator.",
	}, func(ctx context.Context, in *roleIn) (*kit.None, error) {
		return nil, s.AssignRole(ctx, access.From(ctx), in.ID, in.Person, access.Role(in.Role))
	})
	kit.Register(a, kit.Op{
		ID: "revokeNetworkRole", Fresh: true, Method: "DELETE", Path: "/networks/{id}/members/{person}/roles/{role}", Perm: network.PermRoles, Status: 204,
		Summary: "Take that role away; the membership stays.",
	}, func(ctx context.Context, in *roleIn) (*kit.None, error) {
		return nil, s.RevokeRole(ctx, access.From(ctx), in.ID, in.Person, access.Role(in.Role))
	})
	kit.Register(a, kit.Op{
		ID: "listJoinRequests", Method: "GET", Path: "/networks/{id}/requests", Perm: network.PermManage,
		Summary: "List requests to join, oldest first.",
	}, func(ctx context.Context, in *AfterIn) (*members, error) {
		return membersAs(s.Requests(ctx, access.From(ctx), in.ID, in.After))
	})
	kit.Register(a, kit.Op{
		ID: "decideJoinRequest", Method: "POST", Path: "/networks/{id}/requests/{membership}", Perm: network.PermManage,
		Summary: "Accept a request (a seat, or a place in line), or refuse it with a reason.", Description: warningsNote,
	}, func(ctx context.Context, in *struct {
		MembershipIn
		Body struct {
			Accept  bool     `json:"accept"`
			Note    string   `json:"note,omitempty" maxLength:"2000"`
			Reasons []reason `json:"reasons,omitempty" maxItems:"50"`
		}
	},
	) (*answered, error) {
		out, err := s.DecideRequest(ctx, access.From(ctx), in.ID, in.Membership, network.RequestDecision{Accept: in.Body.Accept, Note: in.Body.Note, Reasons: reasons(in.Body.Reasons)})
		return &answered{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "listWaiting", Method: "GET", Path: "/networks/{id}/waiting-list", Perm: network.PermManage,
		Summary: "List offers and the waiting list in its order.",
	}, func(ctx context.Context, in *AfterIn) (*members, error) {
		return membersAs(s.WaitingList(ctx, access.From(ctx), in.ID, in.After))
	})
	kit.Register(a, kit.Op{
		ID: "offerSeat", Method: "POST", Path: "/networks/{id}/waiting-list/{membership}/offer", Perm: network.PermManage, Status: 204,
		Summary: "Offer a free seat to somebody in line, out of turn.",
	}, func(ctx context.Context, in *MembershipIn) (*kit.None, error) {
		return nil, s.Offer(ctx, access.From(ctx), in.ID, in.Membership)
	})
}

func registerInvitations(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "listInvitations", Method: "GET", Path: "/networks/{id}/invitations", Perm: network.PermInvite,
		Summary: "List invitations with how they were answered.",
	}, func(ctx context.Context, in *AfterIn) (*body[kit.List[network.InvitationLine]], error) {
		p, err := s.Invitations(ctx, access.From(ctx), in.ID, in.After)
		return &body[kit.List[network.InvitationLine]]{kit.Page(p.Items, p.Next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "inviteToNetwork", Method: "POST", Path: "/networks/{id}/invitations", Perm: network.PermInvite,
		Summary: "Invite schools, addresses and people.", Description: warningsNote,
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			Schools []uuid.UUID `json:"schools,omitempty" maxItems:"200"`
			Emails  []string    `json:"emails,omitempty" maxItems:"200"`
			People  []uuid.UUID `json:"people,omitempty" maxItems:"200"`
			Role    string      `json:"role,omitempty" enum:"participant,expert,moderator"`
			Message string      `json:"message,omitempty" maxLength:"2000"`
			Days    int         `json:"days,omitempty" minimum:"0" maximum:"180"`
			Reasons []reason    `json:"reasons,omitempty" maxItems:"50"`
		}
	},
	) (*body[network.Invited], error) {
		b := &in.Body
		out, err := s.Invite(ctx, access.From(ctx), in.ID, network.Invite{
			Schools: b.Schools, Emails: b.Emails, People: b.People, Role: access.Role(b.Role), Message: b.Message, Days: b.Days, Reasons: reasons(b.Reasons),
		})
		return &body[network.Invited]{out}, eachAddress(err)
	})
	kit.Register(a, kit.Op{
		ID: "withdrawInvitation", Method: "DELETE", Path: "/networks/{id}/invitations/{invitation}", Perm: network.PermInvite, Status: 204,
		Summary: "Take an invitation back.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Invitation uuid.UUID `path:"invitation" format:"uuid"`
	},
	) (*kit.None, error) {
		return nil, s.Withdraw(ctx, access.From(ctx), in.ID, in.Invitation)
	})
}

// eachAddress points at each wrong address of an invitation; the page has one
// field for them all.
func eachAddress(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	out := *f
	out.Fields = slices.Clone(f.Fields)
	for i, x := range out.Fields {
		if no, ok := x.Args["No"].(int); ok && x.Path == "emails" {
			out.Fields[i].Path = fmt.Sprintf("emails[%d]", no)
		}
	}
	return &out
}

// ProposalIn names a proposal.
type ProposalIn struct {
	ID       uuid.UUID `path:"id" format:"uuid"`
	Proposal uuid.UUID `path:"proposal" format:"uuid"`
}

func registerProposals(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "listProposals", Method: "GET", Path: "/networks/{id}/proposals", Perm: network.PermProposals,
		Summary: "List members' proposals, newest first, with votes counted.",
	}, func(ctx context.Context, in *AfterIn) (*body[kit.List[network.Proposal]], error) {
		p, err := s.Proposals(ctx, access.From(ctx), in.ID, in.After)
		return &body[kit.List[network.Proposal]]{kit.Page(p.Items, p.Next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "proposeToNetwork", Method: "POST", Path: "/networks/{id}/proposals", Perm: network.PermPropose, Status: 201,
		Summary: "Make a proposal.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			Title string `json:"title" maxLength:"400"`
			Text  string `json:"text,omitempty" maxLength:"8000"`
		}
	},
	) (*created, error) {
		return createdAs(s.Propose(ctx, access.From(ctx), in.ID, in.Body.Title, in.Body.Text))
	})
	kit.Register(a, kit.Op{
		ID: "openVote", Method: "POST", Path: "/networks/{id}/proposals/{proposal}/open", Perm: network.PermDecide, Status: 204,
		Summary: "Put a proposal to the vote until a moment.",
	}, func(ctx context.Context, in *struct {
		ProposalIn
		Body struct {
			Until time.Time `json:"until"`
		}
	},
	) (*kit.None, error) {
		return nil, s.OpenVote(ctx, access.From(ctx), in.ID, in.Proposal, in.Body.Until)
	})
	kit.Register(a, kit.Op{
		ID: "castVote", Method: "PUT", Path: "/networks/{id}/proposals/{proposal}/vote", Perm: network.PermVote, Status: 204,
		Summary: "Cast or change your vote.",
	}, func(ctx context.Context, in *struct {
		ProposalIn
		Body struct {
			Choice string `json:"choice" enum:"yes,no,abstain"`
		}
	},
	) (*kit.None, error) {
		return nil, s.Vote(ctx, access.From(ctx), in.ID, in.Proposal, network.Choice(in.Body.Choice))
	})
	kit.Register(a, kit.Op{
		ID: "withdrawProposal", Method: "POST", Path: "/networks/{id}/proposals/{proposal}/withdraw", Perm: network.PermProposals, Status: 204,
		Summary: "Take your own proposal back, or put any aside as the coordinator.",
	}, func(ctx context.Context, in *ProposalIn) (*kit.None, error) {
		return nil, s.WithdrawProposal(ctx, access.From(ctx), in.ID, in.Proposal)
	})
}

type replaced struct {
	Offered bool `json:"offered" doc:"True when the role was offered to the address and waits to be taken up."`
}

func registerHandover(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "getHandover", Method: "GET", Path: "/networks/{id}/handover", Perm: network.PermView,
		Summary: "Read the hand-over that waits for an answer.",
	}, func(ctx context.Context, in *IDIn) (*body[network.HandoverView], error) {
		h, err := s.Handover(ctx, access.From(ctx), in.ID)
		return &body[network.HandoverView]{h}, err
	})
	kit.Register(a, kit.Op{
		ID: "proposeHandover", Method: "POST", Path: "/networks/{id}/handover", Perm: network.PermHandover, Status: 201,
		Summary: "Ask a member to take over as coordinator.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			To   uuid.UUID `json:"to" format:"uuid"`
			Note string    `json:"note,omitempty" maxLength:"2000"`
		}
	},
	) (*created, error) {
		return createdAs(s.ProposeHandover(ctx, access.From(ctx), in.ID, in.Body.To, in.Body.Note))
	})
	kit.Register(a, kit.Op{
		ID: "answerHandover", Fresh: true, Method: "POST", Path: "/networks/{id}/handover/answer", Perm: network.PermView, Status: 204,
		Summary: "Accept, decline, withdraw or (the centre) confirm; on yes the rights move in one moment.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			Answer string `json:"answer" enum:"accept,decline,withdraw,confirm"`
		}
	},
	) (*kit.None, error) {
		return nil, s.AnswerHandover(ctx, access.From(ctx), in.ID, network.HandoverAnswer(in.Body.Answer))
	})
	kit.Register(a, kit.Op{
		ID: "replaceCoordinator", Fresh: true, Method: "PUT", Path: "/networks/{id}/coordinator", Perm: network.PermHandoverByHand,
		Summary: "Put a member, or somebody whose account one may see, in charge at once; offer the role to any other address.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			Email string `json:"email" maxLength:"254"`
		}
	},
	) (*body[replaced], error) {
		offered, err := s.ReplaceCoordinator(ctx, access.From(ctx), in.ID, in.Body.Email)
		return &body[replaced]{replaced{offered}}, err
	})
	kit.Register(a, kit.Op{
		ID: "getLeadOffer", Method: "GET", Path: "/networks/{id}/lead-offer", Perm: network.PermJoin,
		Summary: "Read an offer of the coordinator's role to one's own address.",
	}, func(ctx context.Context, in *IDIn) (*body[network.LeadOffer], error) {
		o, err := s.LeadOffer(ctx, access.From(ctx), in.ID)
		return &body[network.LeadOffer]{o}, err
	})
	kit.Register(a, kit.Op{
		ID: "answerLeadOffer", Fresh: true, Method: "POST", Path: "/networks/{id}/lead-offer", Perm: network.PermJoin, Status: 204,
		Summary: "Take up the coordinator's role that was offered to one's own address, or decline it.",
	}, func(ctx context.Context, in *struct {
		IDIn
		Body struct {
			Accept bool `json:"accept"`
		}
	},
	) (*kit.None, error) {
		return nil, s.AnswerLeadOffer(ctx, access.From(ctx), in.ID, in.Body.Accept)
	})
}
