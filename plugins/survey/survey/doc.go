// Package survey is an evaluation tool: a small bank of questions about a
// network and the numbers that follow from the answers.
//
// The questions are those of a network's aims: the five goals of a network of
// cooperation and self-education, the eight duties of its coordinator,
// usefulness, planned use at one's own school, and open questions.
//
// It keeps nothing and never learns who answered: the platform hands it pages of
// codes, shuffled and without ids. A partial result counts how often each answer
// was given to each question, so that partials add up in any grouping, and
// medians and quartiles follow from the counts.
//
// The statistics: counts and per cent of valid answers ("does not apply" stands
// apart), median and quartiles of type 7 (Hyndman and Fan; the default of R and
// of spreadsheets), the share of the two best answers with Wilson's 95 % interval.
// The population is known (everybody who was asked), so the interval has the
// finite population correction, and there is none when everybody answered.
package survey
