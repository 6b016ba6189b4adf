package window

import (
	"bytes"

	"go.cordon.dev/cordon/bzzzlog"
)

// piece is what is kept of a message.
type piece struct {
	id    string
	seq   uint64
	parts []part
}

// part is a string of a message, or all of one that is no JSON.
type part struct {
	path string
	head []byte // its first bytes
	tail []byte // its last bytes; nil: head is all of it
}

const overhead = 64 // bytes a part costs beside its text

func (p piece) size() int {
	n := overhead
	for _, s := range p.parts {
		n += overhead + len(s.path) + len(s.head) + len(s.tail)
	}
	return n
}

// end is the last bytes of a part.
func (p part) end() []byte {
	if p.tail != nil {
		return p.tail
	}
	return p.head
}

func (p part) whole() bool { return p.tail == nil }

// maxPath is how long a string's path may be to be told from others.
const maxPath = 128

// cut takes the edges of a message's strings. Of a BZZZ message these are the
// strings in its data: the other members are written by the program. Of more
// than Strings the first half and the last half are kept.
func (l Limits) cut(m Message) piece {
	p := piece{id: m.ID, seq: m.Seq}
	body, text := m.Data, true
	if msg, err := bzzzlog.ParseMessage(m.Data, bzzzlog.Limits{}); err == nil {
		body = msg.Data
	}
	err := bzzzlog.Walk(body, bzzzlog.Limits{}, func(v bzzzlog.Value) bool {
		text = false
		if !v.Key && len(v.Text) > 0 {
			p.parts = l.room(p.parts)
			p.parts = append(p.parts, l.part(pathOf(v), v.Text))
		}
		return true
	})
	if err != nil && text || err != nil && len(p.parts) == 0 {
		p.parts = []part{l.part("", m.Data)}
	}
	return p
}

// room drops the middle one when there are as many parts as may be.
func (l Limits) room(parts []part) []part {
	if len(parts) < l.Strings {
		return parts
	}
	middle := l.Strings / 2
	return append(parts[:middle], parts[middle+1:]...)
}

func pathOf(v bzzzlog.Value) string {
	if v.PathLen() > maxPath {
		return "…"
	}
	return v.Path().String()
}

func (l Limits) part(path string, text []byte) part {
	if len(text) <= 2*l.Edge {
		return part{path: path, head: bytes.Clone(text)}
	}
	return part{path: path, head: bytes.Clone(text[:l.Edge]), tail: bytes.Clone(text[len(text)-l.Edge:])}
}
