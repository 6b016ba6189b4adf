// Package attacker is the reactor that makes of what clients do on deckies who
// attacks: one attacker for each source address, with what he touched, how far he
// got, a score that can be explained term by term, the addresses that his own
// requests give away, and the secrets that he shares with others.
//
// observe.go reads events: each becomes an Observation. attacker.go says what an
// observation changes, score.go what that is worth, reuse.go when a secret is
// reused; all three are pure. The Reactor follows the event log and has the store
// apply observations in one transaction with its place in the log.
//
// To have another event count, add its topic to Observe; to have something else
// score, add a term in score.go. A term only ever grows.
//
// Level 2: it may import L0 and L1.
package attacker
