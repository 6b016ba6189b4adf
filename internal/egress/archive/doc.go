// Package archive brings what the ledger recorded into the store, where faces
// and webhooks read it: each decision as a row together with its event, in one
// transaction with how far this node's ledger has been read. So a store that is
// away for a while, or a node that is killed, costs nothing: the ledger's files
// are read on from there.
//
// To keep one more thing of a decision: a field in ledger.Entry, a column in
// sqlstore, a member in the API.
//
// Level 2, part of the egress sensor: it may import L0, L1 and the sensor's own
// folders.
package archive
