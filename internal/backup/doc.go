// Package backup writes the whole database into one file, reads such a file
// back into an empty database of any kind, and says of a file whether it is
// whole.
//
// A backup is a gzipped tar: a header, the rows of each table as JSON lines in
// members of about a megabyte, the keys of the installation if that was asked
// for, sealed with a passphrase, and a manifest with the SHA-256 of each member
// and the number of rows of each table. The manifest comes last: without it a
// file is not whole. Everything is streamed, so memory is bounded however large
// the database is.
//
// The tables are those of store.Tables; what is not worth keeping is listed in
// passing, with the reason. To change the format, raise Format.
//
// Level 2: it may import L0 and store.
package backup
