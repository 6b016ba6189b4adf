// Package hypercore reads Hypercore 10 and 11 logs from disk and follows them while their writer
// is writing, in pure Go.
//
// A hypercore is an append-only log of blocks that one key signs. This package opens a
// core's directory as the npm packages hypercore 10 and corestore 6 write it, read-only and
// without locks, and hands out only blocks that it has proven: the block's hash leads to
// the roots of the tree, and the roots are what the core's key signed.
//
// # Use
//
// [Open] a core and ask for its [Core.Info], [Core.Verify] its signature, read a
// [Core.Block] or all [Core.Blocks]. [List] finds the cores of a corestore. A [Follower]
// reads from a [Checkpoint] on, then live, and survives everything that may happen to a
// log: restarts, forks, rotation, restored backups, damage.
//
// # Packages
//
//	enc     compact-encoding, the binary encoding
//	merkle  tree arithmetic, hashes, manifests, signatures
//	disk    the files of a directory, and the race with their writer
//	store11 the RocksDB of Hypercore 11
//	wire    what peers say to each other: encryption, channels, messages
//	peer    reads a core from another peer; the same events as a Follower's
//
// Their documentation describes the formats. The source of truth is the JavaScript of npm
// hypercore 10 (lib/oplog.js, lib/messages.js, lib/merkle-tree.js, lib/verifier.js,
// lib/block-encryption.js) and corestore 6 (index.js).
//
// # What it does not do
//
// It never reads a writer's secret key, which lies in the oplog: decoders step over it and
// buffers that held it are wiped. It can't tell an encrypted core from one with random
// blocks: without the key, blocks come as stored. A RocksDB of Hypercore 11
// in a form that is not known is refused ([ErrVersion11]). What lies on another machine is read by package
// hypercore/peer, from whoever replicates it.
//
// The package imports its sub-packages, fsnotify and the standard library, nothing of
// Cordon, and belongs to whoever needs it. CASES.md lists the situations it is tested in.
package hypercore
