// Package thematic decides for thematic networks: a founding form, stages from
// organisational to closed with their conditions, a plan of three to five
// meetings a school year, the coordinator's eight duties as a progress view,
// guards on new members (about twenty, from different schools), the task "peer
// observation" and a weekly digest of open matters.
//
// It keeps nothing. What it knows lies in the core as records of a network:
//
//	charter   answers to the founding form: need, goals, way of work
//	plan      the meetings of a school year; one record a network
//	contract  the rules on which the members agreed
//	summary   what was worked out, evaluation, dissemination
//
// The numbers (three to five meetings, about twenty members, different schools)
// are those of ORE's description of a network of cooperation and self-education.
package thematic
