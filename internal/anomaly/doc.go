// Package anomaly is the sensor of what is more than chance: it reads from the event
// log what other programs reported (ingest.records.received), counts it with the parts
// of guard/anomaly, and keeps an episode for each cause, which it says as
// anomaly.{kind}.detected when it opens, when it has doubled, and when it is over.
//
// records.go makes of a record what detectors count; detectors.go says what is too
// much; tracker.go turns counts into episodes and is pure: its time is what it is told.
// The Sensor follows the log with it. One in a cluster runs at a time. replay.go asks one
// rule what it would have made of records; package rulebook keeps operators' rules.
//
// # What a crash costs
//
// Nothing. Episodes, their events and the place in the log are stored in one
// transaction, which is refused when somebody else has moved the place. The windows are
// not stored: whoever begins reads the log of the last two windows again, without a
// word, and goes on where it was. A brute force that goes on over a restart, or over
// to another node, stays one episode.
//
// # What it bounds
//
// Memory is that of the counters, fixed at the start, and of at most 1,024 open
// episodes for each detector. Of a detector's episodes 30 open in a minute; the others
// are counted together in one episode of key kind global.
//
// To add a kind of record: its name in event.RecordKinds, what it shows in records.go.
// To add something to watch for: a detector of guard/anomaly.
//
// Level 2: it may import L0, L1 and guard/anomaly.
package anomaly
