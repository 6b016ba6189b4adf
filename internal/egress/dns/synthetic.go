package dns

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// Synthetic gives each name an address of its own, from space that leads nowhere: a
// program that connects there wants that name and no other, whatever address it
// really has. It implements egress.Names. It is safe for concurrent use.
//
// Where a name's address lies is computed from the name, so that it is the same
// after a restart. Names that fall on one place move to the next few; when those are
// all in use, the one that was used longest ago loses its place, if that was longer
// ago than anybody keeps an address for.
type Synthetic struct {
	ranges []netip.Prefix // at most one of IPv4, and one of IPv6
	places uint32         // addresses that are given
	key    []byte
	clock  clock.Clock

	mu     sync.Mutex
	holder map[uint32]*holder
	place  map[string]uint32
}

type holder struct {
	name string
	used time.Time
}

// Bounds of synthetic addresses. A client that was given one asks again after
// SyntheticTTL.
const (
	SyntheticTTL  = 60 * time.Second
	maxPlaces     = 1 << 16
	tries         = 32
	keptUnusedFor = 10 * SyntheticTTL
)

var errNoPlace = errors.New("all synthetic addresses are in use")

// NewSynthetic makes one over ranges: one of IPv4, or of IPv6, or one of each. The key
// decides where names lie; with the same one they lie where they lay.
func NewSynthetic(ranges []netip.Prefix, key []byte, c clock.Clock) (*Synthetic, error) {
	s := &Synthetic{ranges: ranges, places: maxPlaces, key: key, clock: c, holder: map[uint32]*holder{}, place: map[string]uint32{}}
	if err := CheckSynthetic(ranges); err != nil {
		return nil, err
	}
	for _, p := range ranges {
		if free := p.Addr().BitLen() - p.Bits(); free < 17 {
			s.places = min(s.places, 1<<free-2) // the first and the last address of IPv4 mean something else
		}
	}
	return s, nil
}

// CheckSynthetic says what is wrong with ranges of synthetic addresses: they have to
// be large enough, and to lie where nobody lives.
func CheckSynthetic(ranges []netip.Prefix) error {
	families := map[bool]bool{}
	for _, p := range ranges {
		a := p.Addr()
		switch {
		case p != p.Masked():
			return fmt.Errorf("%s is no range: its address has bits behind the prefix; write %s", p, p.Masked())
		case families[a.Is4()]:
			return fmt.Errorf("%s is the second range of its kind: give one of IPv4 and one of IPv6", p)
		case a.BitLen()-p.Bits() < 9:
			return fmt.Errorf("%s has too few addresses: give at least 512", p)
		case !inside(p):
			return fmt.Errorf("%s is space where others live: use 198.18.0.0/15 (RFC 2544), 240.0.0.0/4, 10.0.0.0/8 or a part of fd00::/8", p)
		}
		families[a.Is4()] = true
	}
	return nil
}

// inside reports whether a range lies in space that is never public.
func inside(p netip.Prefix) bool {
	for _, space := range [...]string{"198.18.0.0/15", "240.0.0.0/4", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8"} {
		s := netip.MustParsePrefix(space)
		if s.Bits() <= p.Bits() && s.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// of is a name's address in the range of that kind. ok is false if there is no such
// range; the error is that all places are in use.
func (s *Synthetic) of(name string, v4 bool) (a netip.Addr, ok bool, err error) {
	for _, p := range s.ranges {
		if p.Addr().Is4() == v4 {
			at, err := s.take(name)
			if err != nil {
				return a, true, err
			}
			return nth(p, at), true, nil
		}
	}
	return a, false, nil
}

// take finds a name's place, or gives it one.
func (s *Synthetic) take(name string) (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if at, ok := s.place[name]; ok {
		s.holder[at].used = now
		return at, nil
	}
	at, err := s.free(name, now)
	if err != nil {
		return 0, err
	}
	if old := s.holder[at]; old != nil {
		delete(s.place, old.name)
	}
	s.holder[at], s.place[name] = &holder{name, now}, at
	return at, nil
}

// free is a place that nobody has, or nobody has used for long.
func (s *Synthetic) free(name string, now time.Time) (best uint32, err error) {
	sum := hmac.New(sha256.New, s.key)
	sum.Write([]byte(name))
	first := binary.BigEndian.Uint32(sum.Sum(nil))
	oldest := now.Add(-keptUnusedFor)
	err = errNoPlace
	for i := range uint32(tries) {
		at := (first + i) % s.places
		h := s.holder[at]
		if h == nil {
			return at, nil
		}
		if h.used.Before(oldest) {
			best, oldest, err = at, h.used, nil
		}
	}
	return best, err
}

// nth is the address of a place.
func nth(p netip.Prefix, place uint32) netip.Addr {
	b := p.Addr().AsSlice()
	low := b[len(b)-4:]
	binary.BigEndian.PutUint32(low, binary.BigEndian.Uint32(low)+place+1)
	a, _ := netip.AddrFromSlice(b)
	return a
}

// NameOf returns the name that an address stands for. ours says that the address is
// a synthetic one; the name is empty if it stands for none any more.
func (s *Synthetic) NameOf(a netip.Addr) (name string, ours bool) {
	a = a.Unmap()
	for _, p := range s.ranges {
		if !p.Contains(a) {
			continue
		}
		b, base := a.AsSlice(), p.Addr().AsSlice()
		at := binary.BigEndian.Uint32(b[len(b)-4:]) - binary.BigEndian.Uint32(base[len(base)-4:]) - 1
		if at >= s.places || nth(p, at) != a {
			return "", true
		}
		return s.use(at), true
	}
	return "", false
}

// use returns the name of a place, which is in use now.
func (s *Synthetic) use(at uint32) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holder[at]
	if h == nil {
		return ""
	}
	h.used = s.clock.Now()
	return h.name
}
