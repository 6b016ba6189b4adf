package capture

import (
	"net/netip"
	"time"
)

// DayShare is how many bytes of evidence and of terminals are kept of one attacker (an
// IPv4 address, a /64 of IPv6) on one day in UTC, without his files, which have their
// own bound (Blobs). A session is bounded too, but he may begin one after the other,
// and what he fills is the disk that everything else is on. What he did is kept
// beyond it, in our words.
const DayShare = 512 << 20

// shares counts what attackers had kept of them today, since the start. Of more of them
// than mostCounted it begins anew.
type shares struct {
	day  string
	most int64
	by   map[netip.Prefix]int64
}

// take counts bytes, and reports whether they may be kept; over: they are the first of
// the attacker's that may not.
func (s *shares) take(who netip.Prefix, at time.Time, bytes int) (ok, over bool) {
	if day := at.UTC().Format(time.DateOnly); day > s.day || s.by == nil || len(s.by) >= mostCounted {
		s.day, s.by = max(day, s.day), map[netip.Prefix]int64{}
	}
	before := s.by[who]
	s.by[who] = before + int64(bytes)
	return before+int64(bytes) <= s.most, before <= s.most && before+int64(bytes) > s.most
}
