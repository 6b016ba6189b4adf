// Package incident is the reactor that makes of what the sensors see what people
// work on: one incident for one secret, with one timeline, whoever saw it and how
// often. A secret that one sensor found in a log and another saw on its way out is
// joined by its fingerprint, and that is what makes it critical.
//
// observe.go reads events: what is worth an incident becomes an Observation. incident.go
// says what an observation and what a person's act make of an incident; it is pure. The
// Reactor follows the event log and has the store apply both in one transaction with
// its place in the log.
//
// To have another event join, add its topic to Observations. To join by something else
// than a secret, give Key another Kind.
//
// Level 2: it may import L0 and L1.
package incident
