// Package evaluation runs rounds of evaluation in networks: a coordinator
// chooses questions from the bank of an evaluation tool (a module), opens the
// round, everybody who was a member then answers once and without a name, and
// after closing the tool counts and the reader sees what may be seen.
//
// It owns evaluation_round; only this package writes it. Answers lie in the urn
// (core/ballot), whose counts are read by joins here.
//
// # What is fixed when a round opens
//
// The questionnaire, who may answer, that answers have no name, and the
// threshold of five answers. The person who opens it confirms that none of this
// can be changed later; the database refuses it as well.
//
// # Between the tool's numbers and the reader
//
// A tool never makes a page by itself. It gets pages of codes (shuffled, no ids,
// no texts) and answers with frames, cells that say on how many answers they
// rest, and with a view that cites cells. Then the core
//
//   - withholds cells that rest on fewer answers than the threshold, and in a
//     breakdown by groups one more where the first could be computed from the
//     total (disclose.go);
//   - blurs what everybody said when fewer than ten answered;
//   - rounds per cent to whole numbers below thirty answers;
//   - refuses views that hold numbers of their own, and puts the cells in
//     (cite.go).
//
// Only the outcome of that is stored, so page, JSON and CSV cannot differ. Open
// answers the core shows itself, shuffled anew for each question, from ten on.
// Until the round is closed nothing but the number of answers is told.
package evaluation
