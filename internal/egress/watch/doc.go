// Package watch looks at what the gateway decided and says what somebody should
// look at: a program that is denied too often (Blocked), and one that does with a
// host what it did not use to (Baselines). It also names what an endpoint that
// was first seen is, and what a reviewer may make of it (Endpoint, Verdict).
//
// It is pure: lines go in with the times they carry, alerts come out. It opens
// nothing, has no clock, and its memory is bounded whatever the lines hold. The
// archivist feeds it (egress/archive), and stores alerts and baselines in the
// transaction that stores the lines, so that each alert is told exactly once.
//
// To add an alert: a type like Blocked with a method that takes a Sample, a call
// in Watcher.Observe, an event in internal/event.
//
// Level 2, part of the egress sensor: it may import L0 and guard/egress/policy.
package watch
