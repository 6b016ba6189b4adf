// Package bzzz is the root of Cordon's module for gossip networks whose nodes
// speak libp2p pubsub with BZZZ's messages. It holds no code:
//
//   - inspect reads a message and says whether a secret is in it; no network
//   - form knows how pubsub writes a message, in which only the data has room for words
//   - guard puts that into a node of one's own
//   - gateway (a module of its own) stands between nodes that have no guard
//   - oldnode (a module of its own) is a node as old as BZZZ's, for tests
//
// The module requires the oldest libp2p and pubsub that BZZZ nodes have, so
// that importing guard lifts nobody's node. It may import the main module's
// public libraries (detect, bzzzlog), never its internal packages.
package bzzz
