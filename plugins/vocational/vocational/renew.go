package vocational

import (
	"crypto/sha1" // by RFC 9562, not for secrecy
	"encoding/hex"
	"fmt"
	"strings"

	"ore.edu.pl/sieci/plugins/sdk"
)

// mostCopied is how many records of a kind go into next year's network; with two
// kinds and the charter that stays below the 500 effects of an answer.
const mostCopied = 240

// renew copies what holds beyond a school year into next year's network: the
// charter, the classification, and what is declared unique. Members say anew
// what they teach.
func renew(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	successor := sdk.Network(effectID(r.GetDecisionId(), "successor"))
	for _, kind := range []string{kindCharter, kindVocation, kindFlag} {
		for _, row := range r.Rows(kind) {
			a.PutRecord("", successor, kind, row.GetData(), row.GetIndex())
		}
	}
	return a, nil
}

// stays refuses a second register: one that began anew would have no decisions.
func stays(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	a.Error("", "stays", in(r.GetLocale()).t("register.stays"))
	return a, nil
}

// effectID is the deterministic id of what an effect with the handle creates: a
// UUID of version 5 in the namespace of the decision. Next year's network is
// made by the core, under the handle "successor", before this decision's effects.
func effectID(decision, handle string) string {
	space, err := hex.DecodeString(strings.ReplaceAll(decision, "-", ""))
	if err != nil {
		return ""
	}
	sum := sha1.Sum(append(space, handle...))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
