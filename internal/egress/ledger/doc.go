// Package ledger is the egress sensor's own record of what it decided: a chain
// of JSON lines in files of one folder, made so that a decision is on the disk
// before a byte moves, and so that nobody changes the past unseen.
//
//	audit.log                        the chain's newest lines
//	audit-<first number>.log[.gz]    older ones, compressed
//	checkpoints.log                  signatures of the chain's head, once a minute
//	floor.json                       signed: up to where retention has deleted
//	network_access.log               a line for people per decision; no proof of anything
//	metrics.json                     counts since the start
//
// A line is an object whose last two members are prev_hash and hash: prev_hash
// is the hash of the line before, hash is SHA-256 (FIPS 180-4) over the line's
// own bytes without the member hash. So any tool can check the chain. A chain
// alone does not bind whoever can write all of it; the signatures do, and the
// head that the store keeps elsewhere (Options.Known, VerifyOptions.Known).
//
// Appending is a group commit: while one sync runs the next lines gather, and
// an Append returns once its line is durable. An error of the disk is the
// caller's error, who then denies.
//
// What is recorded passes through clean (clean.go) first: no secret gets here.
// To record one more thing of a decision, add a field to Entry, clean it if it
// is text from outside, and add it to the planted texts of the test.
//
// Level 2: it may import L0, L1 and the public libraries.
package ledger
