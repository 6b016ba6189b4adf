package attacker

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Traverse makes of sessions the way that an attacker took: one hop for each stay
// on a decky. Sessions that follow one another on the same decky are one stay, unless it
// mutated between them: then the second is on another host.
func Traverse(visits []Visit, mutations []Mutation) []Hop {
	visits = slices.Clone(visits)
	slices.SortFunc(visits, func(a, b Visit) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Session, b.Session))
	})
	var hops []Hop
	for i, v := range visits {
		if i == 0 || visits[i-1].Decky != v.Decky || mutated(mutations, v.Decky, visits[i-1].StartedAt, v.StartedAt) {
			hops = append(hops, Hop{Decky: v.Decky, EnteredAt: v.StartedAt, LeftAt: &v.StartedAt})
		}
		hops[len(hops)-1].stay(v)
	}
	return hops
}

func mutated(all []Mutation, decky string, from, to time.Time) bool {
	return slices.ContainsFunc(all, func(m Mutation) bool { return m.Decky == decky && m.At.After(from) && !m.At.After(to) })
}

// stay adds a session to a hop.
func (h *Hop) stay(v Visit) {
	h.Sessions = append(h.Sessions, v.Session)
	if !slices.Contains(h.Services, v.Service) {
		h.Services = append(h.Services, v.Service)
	}
	switch {
	case v.EndedAt == nil || h.LeftAt == nil:
		h.LeftAt = nil
	case v.EndedAt.After(*h.LeftAt):
		h.LeftAt = v.EndedAt
	}
}

func attackerID(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	return event.AttackerID(a)
}
