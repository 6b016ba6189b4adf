// Package incident is the reactor that makes of what the sensors see what people
// work on: one incident for one secret, one address or one host, with one timeline,
// whoever saw it and how often. A secret that one sensor found in a log and another saw
// on its way out is joined by its fingerprint, and that is what makes it critical. What
// is seen of an address or a host is worth nothing until a second sensor sees the same.
//
// observe.go and halves.go read events: what may be worth an incident becomes an
// Observation. answered.go reads what playbooks did about one. join.go says which observations are one thing, and how grave that is;
// incident.go what an observation, and act.go what a person's act makes of an incident;
// undo.go how that is taken back, merge.go how two become one. All of that is pure. The Reactor follows the event log
// and has the store apply observations in one transaction with its place in the log.
//
// To have another event join, add its topic to Observations. To join by something else,
// give Key another Kind and add a line to joins.
//
// Level 2: it may import L0, L1 and, for who an address stands for, guard/anomaly.
package incident
