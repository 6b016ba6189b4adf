package capture

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
)

// What is kept of one attacker (an IPv4 address, a /64 of IPv6) on one day in UTC. A
// session is bounded too, but he may begin one after the other, and what he fills is
// the disk that everything else is on. What is left out is counted and told.
const (
	// DayShare is how many bytes of evidence and of terminals, without his files,
	// which have their own bound (Blobs). What he did is kept beyond it, in our words.
	DayShare = 512 << 20
	// DayRows is how many observations of one type: whoever floods a decky with
	// requests does not hide by them the commands that he gives.
	DayRows = 50_000
)

// shares counts what attackers had kept of them today, since the start. Of more of them
// than mostCounted it begins anew.
type shares struct {
	bytes, rows int64 // of one attacker in a day; rows for each type
	day         string
	by          map[netip.Prefix]*account
	over        []*account // of today, with something left out
	past        []*account // that are closed and have something to tell
}

// account is one attacker's day.
type account struct {
	network netip.Prefix
	address netip.Addr // that he came from last
	day     string
	bytes   int64
	rows    map[service.Type]int64
	left    leftOut
	types   map[service.Type]bool // of what was left out
	told    leftOut
	toldAt  time.Time
}

// leftOut is how much was not kept.
type leftOut struct {
	observations uint64
	bytes        uint64 // of evidence and terminals
}

// of is the account that an observation belongs to.
func (s *shares) of(o service.Observation) *account {
	if day := o.At.UTC().Format(time.DateOnly); day > s.day || s.by == nil || len(s.by) >= mostCounted {
		s.close()
		s.day, s.by = max(day, s.day), map[netip.Prefix]*account{}
	}
	who := service.Peer(o.Client.Addr())
	a := s.by[who]
	if a == nil {
		a = &account{network: who, day: s.day, rows: map[service.Type]int64{}}
		s.by[who] = a
	}
	a.address = o.Client.Addr().Unmap().WithZone("")
	return a
}

// close ends the accounts. Those that have something to tell wait for it; of too many
// the oldest go, which the metrics have counted.
func (s *shares) close() {
	for _, a := range s.over {
		if a.left != a.told {
			s.past = append(s.past, a)
		}
	}
	s.over, s.past = nil, s.past[max(0, len(s.past)-mostCounted):]
}

// row counts an observation, and reports whether it may be kept.
func (s *shares) row(a *account, kind service.Type) bool {
	a.rows[kind]++
	return a.rows[kind] <= s.rows
}

// evidence counts bytes, and reports whether they may be kept.
func (s *shares) evidence(a *account, bytes int) bool {
	a.bytes += int64(bytes)
	return a.bytes <= s.bytes
}

// leave counts what is left out of an account.
func (s *shares) leave(a *account, kind service.Type, l leftOut) {
	if a.types == nil {
		a.types = map[service.Type]bool{}
		s.over = append(s.over, a)
	}
	if a.left.observations += l.observations; l.observations > 0 {
		a.types[kind] = true
	}
	a.left.bytes += l.bytes
}

// What is left out is told within tellEvery, and again, while it grows, every retell
// and when the day is over.
const (
	tellEvery = time.Minute
	retell    = time.Hour
)

// untold are the accounts of which something is to be told now; with all, those of
// today that were told lately, too.
func (s *shares) untold(now time.Time, all bool) (out []*account) {
	out = append(out, s.past...)
	for _, a := range s.over {
		if a.left != a.told && (all || now.Sub(a.toldAt) >= retell) {
			out = append(out, a)
		}
	}
	return out
}

// tell notes what was told of an account.
func (s *shares) tell(a *account, now time.Time) {
	a.told, a.toldAt = a.left, now
	s.past = slices.DeleteFunc(s.past, func(p *account) bool { return p == a })
}

// event is what is told of an account.
func (a *account) event(node string, now time.Time) (event.Event, error) {
	p := event.AttackerUnrecorded{
		AttackerID: event.AttackerID(a.address), SourceIP: a.address.String(), Network: a.network.String(), Day: a.day,
		Observations: a.left.observations, EvidenceBytes: a.left.bytes, OccurredAt: now.UTC().Truncate(time.Microsecond),
	}
	for _, t := range slices.Sorted(maps.Keys(a.types)) {
		p.Types = append(p.Types, string(t))
	}
	return event.New(event.Header{Time: now, Source: node + "/deception", Severity: event.Medium, Subject: a.address.String()}, p)
}
