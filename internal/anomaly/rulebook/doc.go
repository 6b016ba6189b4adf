// Package rulebook has operators' anomaly rules: those of the configuration's files, and
// those that operators added and changed since, with history and audit record. It puts
// them together into the set that the sensor runs, and tries drafts on what was recorded.
//
// store.go is what it asks of a database; entry.go a rule as people see it; book.go makes
// one state of all of them; manager.go has the state, and follows what other nodes store;
// change.go changes it; try.go replays records through a draft.
//
// A rule of a file is changed in its file. Here it can be switched off, and on again: that
// is stored as a difference. A stored rule that cannot run, since a file has its id or the
// conditions would be too dear together, is left out with its reason; the others run.
//
// # Adding to it
//
// What may be done to a rule is a field of Edit, a line in Manager.Update, and what is said
// of it in summary.
//
// Level 2: it may import L0, L1, package anomaly and anomaly/rule.
package rulebook
