// Package budget keeps account of what has left by rules with a data_budget, so
// that never more leaves than such a rule allows: not with many connections at a
// time, and not over a restart, a killed process among them.
//
// Bytes are taken before they are sent. What was taken stands in a file before it
// is granted, in steps: the file is ahead of what was sent, and after a crash the
// rest of the last step counts as sent. Close writes what was sent exactly.
//
// Periods are full hours and days in UTC. A clock that is turned back begins no
// new period.
//
// Level 2, part of the egress sensor: it may import L0, L1 and
// guard/egress/policy. A new period or scope is policy's; keyOf maps scopes.
package budget
