package sniff

// Servers take for TLS what no client says that means well: a warning before the first
// word, records of a version that there never was, empty ones of other kinds, the hello of
// SSL 2.0 (RFC 5246, E.2). What begins so and is taken for a stream of something else is
// looked into by nobody. So it is known, and Broken: nobody needs it.

const (
	recordChangeCipher = 20
	recordAlert        = 21
	recordData         = 23
	recordHeartbeat    = 24
	oldestOddMajor     = 0x10 // of a record: from here on nobody reads it
	longestRecord      = 1<<14 + 256
)

// oddHello knows such beginnings. Unknown leaves the bytes to others.
func oddHello(b []byte) Verdict {
	if len(b) == 0 {
		return Unknown
	}
	switch {
	case b[0] == recordAlert:
		return shaped(b, below(oldestOddMajor), anyByte, is(0), is(2))
	case b[0] == recordChangeCipher, b[0] == recordData, b[0] == recordHeartbeat:
		return shaped(b, is(3), below(5), below(longestRecord>>8+1), anyByte)
	case b[0] == recordHandshake && len(b) > 1 && b[1] != 3:
		return shaped(b, below(oldestOddMajor), anyByte, below(longestRecord>>8+1), anyByte, is(clientHelloType))
	case b[0]&0xf0 == 0x80: // SSL 2.0: its length, the hello, a version of TLS
		return shaped(b, anyByte, is(1), is(3), below(5))
	}
	return Unknown
}

// shaped compares the bytes behind the first. What fits wholly is Broken.
func shaped(b []byte, fits ...func(byte) bool) Verdict {
	for i, fit := range fits {
		if len(b) < i+2 {
			return More
		}
		if !fit(b[i+1]) {
			return Unknown
		}
	}
	return Broken
}

func is(want byte) func(byte) bool { return func(c byte) bool { return c == want } }

func below(bound int) func(byte) bool { return func(c byte) bool { return int(c) < bound } }

func anyByte(byte) bool { return true }
