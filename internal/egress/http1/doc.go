// Package http1 reads and writes HTTP/1.0 and 1.1 messages (RFC 9112) the way a
// gateway must that stands between a program nobody trusts and the rest of the
// world: whatever two readers could understand in two ways is refused, and
// what goes on is written anew, never passed as it came. So there is one
// reading of a message, the one that was judged.
//
// Requests are read strictly: CRLF line ends only, no folded lines, no white
// space before a colon, no control characters, exactly one length. Answers may
// end their lines with a bare LF, as some old servers do; their framing is held
// to the same rules.
//
// It knows nothing of policies or connections and imports the standard library
// only. To know another field by name, give it a Kind in kind.go.
package http1
