// Package election is how a network gets its next coordinator when the present
// one announces leaving: members stand, members vote in secret, the centre
// confirms, and the rights move in one transaction with a list of what is to be
// passed on. Nobody signs, scans or sends a form.
//
// It owns election, election_candidate and handover_item. The votes lie in an
// urn (core/ballot): who voted and what was voted cannot be joined. The count
// happens at the deadline, never before; with fewer votes than the quorum, on a
// tie for the first place, or when most voted for nobody, the election fails
// with that reason and another one may be opened.
package election
