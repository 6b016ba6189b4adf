// Package gossip is the server's half of the gossip gateway: how gateways fare, which
// of them fell silent, which nodes reach each other without one, and the feed of what
// gateways are to withhold. The gateway itself is a program of its own and reports by
// the API.
//
// What is withheld is kept by value: the keyed hash of a message, the fingerprint of a
// secret, the id of a message. Quarantine entries of every source put values on the
// list, reviews take them off, and operators do both with message ids. Each change
// gives the value a new number, in the order of commits, so that a gateway that asks
// for what follows a number misses nothing.
//
// Level 2: it may import L0 and L1. Its storage is in sqlstore; a new kind of value
// needs a line in Kind, and in sqlstore what puts it there.
package gossip
