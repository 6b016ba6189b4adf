// Package sqlstore implements the storage interfaces that other packages
// declare: leak.Ledger, the stores of api and auth, notify's subscriptions and
// queue. One type per consumer, each in files of its own; all share one
// store.Store.
//
// What came from outside may hold anything, so every text passes through text
// and every time through stamp (values.go) before it becomes part of a
// statement. No detected secret ever reaches this package.
//
// To add a consumer: a type, a file, an assertion that the type implements the
// interface, a suite in sqlstoretest, and a migration in store.
//
// Level 3: it may import L0, L1 and L2; only app imports it.
package sqlstore
