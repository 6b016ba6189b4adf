// Package wire speaks what Hypercore peers say to each other over a connection, from the
// encrypted bytes up to the messages of replication. It holds no log and decides nothing:
// package peer does.
//
// # Layers
//
//	Conn      a Noise XX handshake over Ed25519 keys, then frames of up to 16 MiB, each
//	          a 3-byte little-endian length and a secretstream box (npm secret-stream)
//	Mux       channels inside the frames, several messages to a frame (npm protomux)
//	Request…  the messages of a channel "hypercore/alpha" (npm hypercore lib/messages.js)
//
// Noise is Noise_XX_Ed25519_ChaChaPoly_BLAKE2b: the Noise Protocol Framework, revision 34,
// with the Diffie-Hellman of npm noise-curve-ed, a clamped Ed25519 scalar times a point of
// the prime-order group. The box is libsodium's crypto_secretstream_xchacha20poly1305.
// Integers and byte strings are compact-encoding, package enc.
//
// # Bounds
//
// A frame is kept while it is read and grows only as its bytes arrive. A handshake has a
// deadline. Decoders check every count against the bytes that are there. A batch inside a
// batch is refused.
//
// The package imports enc, merkle, x/crypto, filippo.io/edwards25519 and the standard
// library. A new message is a struct with encode and decode beside the others, and joins
// the round trips of the tests.
package wire
