package dlp

import (
	"slices"

	"go.cordon.dev/cordon/detect"
)

// unreadPart is something that nobody here reads (package opaque), and where it stands.
// What holds it was not looked at, however clean the rest is.
type unreadPart struct {
	at   int64
	what string
}

// mostUnread bounds how many are noted of one text.
const mostUnread = 16

// noteUnread looks for what nobody reads. What a host gave out itself, as cookies, is
// none: it has it already.
func (s *search) noteUnread(t detect.Text) {
	if len(t.Bytes) == 0 {
		return
	}
	first, _ := t.Span(0, 1)
	starts := t.Decoded() || first+s.base == 0
	s.m.i.opaque.Find(t.Bytes, starts, func(what string, at int) {
		from, _ := t.Span(at, at+1)
		p := unreadPart{from, what}
		if len(s.unread) < mostUnread && !slices.Contains(s.unread, p) && !own(s.where(s.base+from)) {
			s.unread = append(s.unread, p)
		}
	})
}

// why says what was not looked at.
func (p unreadPart) why() string { return "it holds what is " + p.what + ", which is not read" }

// newlyUnread says why something that Judge was not told of was not looked at.
func (s *Stream) newlyUnread(parts []unreadPart) (why string) {
	for _, p := range parts {
		key := told{"unread " + p.what, s.base + p.at}
		if !s.told[key] {
			s.told[key], why = true, p.why()
		}
	}
	return why
}
