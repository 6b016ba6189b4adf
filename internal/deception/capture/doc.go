// Package capture writes down what attackers do on deckies. A Recorder is the
// service.Sink of a node's deckies: it gathers observations, makes of each a row
// with a redacted summary and sealed evidence, and has the Store keep rows and
// events together, in batches. Sessions, terminal records, artifacts and
// credentials come out of the same stream.
//
// What an attacker sent is evidence: it is sealed (Sealer) before it leaves this
// package, and a node that has not sealed it does not store it. In the clear are
// only our own words, addresses, sizes, keyed fingerprints, and summaries that
// went through Deps.Redact.
//
// records.go has the rows; batch.go is what a Store is given at once; fold.go says
// what an observation changes of a session; blobs.go keeps files. To record
// another thing that clients do, add a Type in package service and, when it
// counts for a session, a line in fold.go.
//
// Level 2: it may import L0, L1 and deception/service.
package capture
