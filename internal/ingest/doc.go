// Package ingest takes events from other processes of Cordon, such as a gateway
// on another machine. A batch is checked whole, what it says is redacted, and it
// is answered for only when it is stored: in the event log, or, while the store
// is away, in a bounded spool on disk that is drained into it later. An event
// is taken once, by its id.
//
// Records are what programs that know nothing of Cordon saw: a failed login, a request.
// Many of them go into one event, which the anomaly sensor counts (records.go).
//
// Level 2: it may import L0, L1 and guard/anomaly. Which events may come is listed in
// accept.go; a new one needs a line there with the check of its payload.
package ingest
