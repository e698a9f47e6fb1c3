// Package trialtest runs the module test.trial as a real process in the whole
// program and plays the programme for local governments on it: the contract's
// hardest customer, with what the first modules do not use yet.
//
// It holds tests only and owns no table.
package trialtest
