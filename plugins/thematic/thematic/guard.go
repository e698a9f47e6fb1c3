package thematic

import (
	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// guardMember is the core's name of the act that makes somebody a member.
const guardMember = "network.member:add"

// sliceCandidate is the membership of the person concerned, if there is one
// already (invited, waiting, asking to join).
const sliceCandidate = "candidate"

// newMember is what the core says of the act. Complex is there when the core
// knows the person's school; otherwise their membership is asked for.
type newMember struct {
	Person  string `json:"person"`
	Role    string `json:"role"`
	Complex string `json:"complex"`
}

// guardNewMember warns about a fourth person of one school complex and about
// more than some twenty participants, the new one included. Both are advice: a reason overcomes them. To
// somebody who joins by themselves the size is not theirs to justify; the
// coordinator set the places.
func guardNewMember(r *sdk.GuardRequest) (*sdk.Verdict, error) {
	v, w := &sdk.Verdict{}, in(r.GetLocale())
	var who newMember
	if err := r.Arguments(&who); err != nil {
		return nil, err
	}
	if who.Complex == "" && !r.Has(sliceCandidate) && who.Person != "" {
		v.Need(&v1.SliceSpec{
			Name: sliceCandidate, Source: v1.Source_SOURCE_MEMBER, Selector: v1.Selector_SELECTOR_THIS, Limit: 1, Attributes: []string{"complex"},
			Filters: []*v1.Filter{{
				Field: "@person", Operator: v1.Operator_OPERATOR_EQUAL,
				Operand: &v1.Filter_Value{Value: &v1.Value{Value: &v1.Value_Ref{Ref: who.Person}}},
			}},
		})
		return v, nil
	}
	candidate, err := readMembers(r.Snapshot, sliceCandidate)
	if err != nil {
		return nil, err
	}
	if who.Complex == "" && len(candidate) > 0 {
		who.Complex = candidate[0].Complex
	}
	p, err := look(r.Snapshot)
	if err != nil {
		return nil, err
	}
	set, err := settingsOf(r.Snapshot)
	if err != nil {
		return nil, err
	}
	same := 0
	for i := range p.members {
		if m := &p.members[i]; who.Complex != "" && m.Complex == who.Complex && m.Person != who.Person {
			same++
		}
	}
	switch {
	case same >= set.Complex:
		v.Warn("", "same_complex", w.n("guard.same_complex", same))
	case same > 0:
		v.Info("", "same_complex", w.n("guard.same_complex_info", same))
	}
	if n := p.participants() + 1; n > set.Usual && (who.Role == "" || who.Role == roleParticipant) {
		say := v.Warn
		if who.Person == r.Person() {
			say = v.Info
		}
		say("", "size", w.n("guard.size_with", n, "usual", set.Usual))
	}
	return v, nil
}
