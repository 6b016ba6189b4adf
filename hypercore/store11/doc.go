// Package store11 reads the RocksDB in which Hypercore 11 and corestore 7 keep their cores
// (npm hypercore-storage), in pure Go, while Node has it open. It locks nothing and writes
// nothing.
//
// # What is read
//
//	CURRENT, MANIFEST-*  which tables there are, and which logs are newer than they
//	*.log                the write-ahead logs, tailed
//	*.sst, *.blob        tables, and the large values outside them
//
// A [DB] is as its writer left it at the last [DB.Refresh]: batches of the log are whole or
// not there. Of what is only in a log the DB keeps where it lies, not the value.
//
// [Core] is one core in a DB: its keys and records are those of hypercore-storage lib/keys.js
// and encoding/spec. The writer's secret key is passed over while decoding.
//
// # What is not
//
// Tables are read in the form in which hypercore-storage writes them: format version 6, no
// compression, no partitions, no prepared transactions. Anything else is [ErrVersion], whose
// text says to replicate the core instead. Cores that depend on another core's blocks
// (named sessions, atomic batches) are not read, nor are manifests of version 0.
//
// # Damage
//
// Every block of a table, every value of a blob file and every record of a log is checked
// against the checksum that RocksDB wrote beside it: XXH3 in tables, CRC-32C elsewhere. What
// fails is [ErrChecksum]: nothing of it is used, and no other value is taken for it. Besides,
// whoever reads a block proves it to the core's signature, and one that the bitfield has and
// the tables have not is damage.
//
// # Sources of the formats
//
// RocksDB's wiki ("Write Ahead Log File Format", "Rocksdb BlockBasedTable Format", "MANIFEST")
// and its headers db/log_format.h, db/dbformat.h, db/version_edit.h, table/format.h,
// db/blob/blob_log_format.h. The parsers are held against databases that npm's packages have written.
//
// The package imports enc, merkle, xxh3 and the standard library. A new record is decoded in
// core.go, a new kind of operation in batch.go.
package store11
