// Package wsframe reads and writes what two ends of a WebSocket say to each other:
// frames (RFC 6455, 5) and messages that are compressed (RFC 7692).
//
//	r := wsframe.NewReader(client, wsframe.Sequence{FromClient: true})
//	h, err := r.Next()        // a frame's head, held to every rule there is
//	n, err := r.Read(buf)     // its payload, unmasked
//	err = i.Message(dst, raw) // a compressed message, inflated
//
// It is strict: what two receivers could read in two ways is an *Error, which has
// the code to close the connection with. It keeps nothing but 125 bytes of a control
// frame and, of a compressed connection, the window of RFC 7692; whoever holds
// messages bounds them.
//
// It imports the standard library only. Another extension is a file like deflate.go,
// and the bit that it takes is freed in Sequence.Check.
package wsframe
