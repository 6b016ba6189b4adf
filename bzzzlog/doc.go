// Package bzzzlog reads and writes the messages of BZZZ, the peer-to-peer
// coordination network of CHORUS, and the entries of its hash-chained log.
// Bytes go in, values come out; it opens nothing, and imports the standard
// library only.
//
// # Messages
//
// What BZZZ nodes publish is one JSON object:
//
//	{"type":"task_announced","from":"12D3KooW...","timestamp":"2026-03-14T14:32:07Z","data":{...},"hop_count":1}
//
// [ParseMessage] reads it. It needs type (a string) and data; from, timestamp
// and hop_count may be missing or odd, because a scanner wants to see what
// others would throw away.
//
// # Log entries
//
// The log is JSON lines, one entry a line:
//
//	{"index":0,"timestamp":"...","author":"...","type":"...","data":{...},"hash":"...","prev_hash":"","signature":"..."}
//
// The hash is defined by the type HypercoreLog in package logging of the
// original project, which is written in Go: SHA-256, in lower-case hex, of the
// entry as encoding/json writes it, with hash and signature empty:
//
//	{"index":I,"timestamp":T,"author":A,"type":Y,"data":D,"hash":"","prev_hash":P,"signature":""}
//
// prev_hash is the hash of the entry before, empty for the first, and index
// counts from 0. [Entry.Verify] hashes the raw bytes of I, T, A, Y, D and P as
// they stand in the line, so that an entry survives a reader who would write a
// number, an escape or the order of keys in data differently. Because other
// writers leave the two empty fields out, the form without them is accepted as
// well: it covers the same six values.
//
// The signature of the original is the first 16 hex digits of SHA-256 of
// "<author>:<hash>:<index>". Everyone can compute that, so it proves nothing
// and is carried but not checked. A chain alone shows that a log is whole, not
// who wrote it: whoever can rewrite the file can rewrite all of it.
//
// # Walking
//
// [Walk] visits every key and string of a JSON value at any depth, with its
// path, in memory bounded by the depth. It builds no maps: of two members with
// one name it visits both, where a map would keep one and hide the other.
//
// # Limits
//
// Everything takes [Limits]. Errors name the place by byte offset and never
// quote the input, which may hold secrets. To add a field, add it to the struct
// and to its table of members; fields are never renamed.
package bzzzlog
