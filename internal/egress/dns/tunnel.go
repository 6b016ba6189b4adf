package dns

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/publicsuffix"

	"go.cordon.dev/cordon/internal/clock"
)

// What a client may say to one registrable domain in names that it never asked for
// before, in a leaking bucket: so much at once, and so much in every window again.
// A name of b bytes of data (see data) counts b for mostData, and b*b/4 for mostLong:
// tunnels need long names to be of use, and other names are short.
const (
	window    = 10 * time.Minute
	mostData  = 2048.0
	mostLong  = 4096.0
	mostAgain = 2048.0 // of what the order says in which known names are asked for again
	longShare = 4.0
	// Types that bring data back, or that hardly anything but a tunnel asks for,
	// count twice.
	oddTypes = 2.0
)

// tunnels watches what leaves in names. What a server that belongs to somebody is
// asked, he learns; a name that it was asked before tells him no more than that it is
// this one again (order).
type tunnels struct {
	clock clock.Clock
	seed  maphash.Seed

	mu    sync.Mutex
	items *lru[pair, *talk]
}

// pair is a client, with all of its programs, and the domain whose owner listens.
type pair struct {
	client netip.Addr
	domain string
}

// talk is what a pair said so far.
type talk struct {
	names, labels     seen
	order             order
	since             time.Time // of the levels
	data, long, again float64
	stopped           time.Time // when it was last stopped; zero: it was not
}

func newTunnels(c clock.Clock, most int) *tunnels {
	return &tunnels{clock: c, seed: maphash.MakeSeed(), items: newLRU[pair](most, one[*talk])}
}

// clientOf is one address for all of this machine's loopback, among which every
// program may choose.
func clientOf(a netip.Addr) netip.Addr {
	if a.IsLoopback() {
		return netip.IPv6Loopback()
	}
	return a
}

// domainOf is the registrable domain of a name: what somebody bought, below a public
// suffix. Names without one are their own.
func domainOf(name string) (domain, rest string) {
	name = strings.ToLower(name)
	domain, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name, ""
	}
	return domain, strings.TrimSuffix(strings.TrimSuffix(name, domain), ".")
}

// see looks at a question that is about to be asked; heard says that somebody else is
// to be asked about it. It returns why it looks like part of a tunnel, and then counts
// it as not asked; empty when it does not. The text is the same for all questions of
// one tunnel.
func (t *tunnels) see(client netip.Addr, name string, kind dnsmessage.Type, heard bool) (why string) {
	domain, rest := domainOf(name)
	if rest == "" {
		return ""
	}
	rest = name[:len(rest)] // as it was asked
	t.mu.Lock()
	defer t.mu.Unlock()
	k := pair{clientOf(client), domain}
	talk, ok := t.items.get(k)
	now := t.clock.Now()
	if !ok {
		talk = newTalk(now)
		t.items.put(k, talk)
	}
	talk.drain(now)
	asked := sum(t.seed, rest+typeText(kind))
	if talk.names.has(asked) {
		if heard && delegated(domain) {
			return talk.repeats(asked, domain)
		}
		return ""
	}
	b := talk.worth(t.seed, rest)
	data, long := b, b*b/longShare
	if odd(kind) {
		data, long = data*oddTypes, long*oddTypes
	}
	if talk.stops(now, data, long) {
		talk.stopped = now
		return fmt.Sprintf("more than %.0f bytes of data in %v, or names too long for anything else, in new names below %s", mostData, window, domain)
	}
	talk.took(t.seed, rest, data, long)
	talk.names.add(asked)
	talk.order.took(asked)
	return ""
}

// repeats counts a known name that somebody hears of once more. Who asks for too many
// is stopped only until there is room again: programs that ask again, and do not give
// up, say nothing new.
func (t *talk) repeats(asked uint64, domain string) (why string) {
	b := t.order.worth(asked, t.names.count)
	if t.again+b > mostAgain {
		return fmt.Sprintf("more than %.0f bytes of data in %v in the order of known names below %s, whose answers are good for a moment only", mostAgain, window, domain)
	}
	t.again += b
	t.order.took(asked)
	return ""
}

// typeText tells the types apart by which a name that is known still says something.
// Those that are asked for to connect are one; a host holds no NUL.
func typeText(t dnsmessage.Type) string {
	if isAddress(t) {
		return ""
	}
	return fmt.Sprintf("\x00%d", t)
}

func newTalk(now time.Time) *talk {
	return &talk{since: now, names: newSeen(), labels: newSeen()}
}

// odd reports whether a type is one that brings data back or is hardly ever asked.
func odd(t dnsmessage.Type) bool {
	switch t {
	case dnsmessage.TypeTXT, typeNULL, dnsmessage.TypeHINFO, dnsmessage.TypeWKS, dnsmessage.TypeMINFO:
		return true
	}
	return t > 256
}

// drain lets the levels sink as time goes by.
func (t *talk) drain(now time.Time) {
	share := float64(max(0, now.Sub(t.since))) / float64(window)
	t.since = now
	t.data = max(0, t.data-share*mostData)
	t.long = max(0, t.long-share*mostLong)
	t.again = max(0, t.again-share*mostAgain)
}

// worth is how many bytes a name can carry. What it shares with an earlier one, from
// the domain on, says nothing; of the labels before that, those that this client used
// below this domain before count one each at most, others as they look.
func (t *talk) worth(seed maphash.Seed, rest string) (b float64) {
	known := true
	for at := len(rest); at > 0; {
		dot := strings.LastIndexByte(rest[:at], '.')
		label := rest[dot+1 : at]
		if known = known && t.names.has(sum(seed, rest[dot+1:])); !known {
			b += t.labelWorth(seed, label)
		}
		at = dot
	}
	return max(1, b)
}

func (t *talk) labelWorth(seed maphash.Seed, label string) float64 {
	if t.labels.has(sum(seed, label)) {
		return min(1, data(label))
	}
	return data(label)
}

// sum is the same for names that a name server takes for the same.
func sum(seed maphash.Seed, text string) uint64 { return maphash.String(seed, strings.ToLower(text)) }

// stops reports whether a name is one too many. Who was stopped stays so while he
// goes on trying, and a window longer.
func (t *talk) stops(now time.Time, data, long float64) bool {
	if !t.stopped.IsZero() && now.Sub(t.stopped) < window {
		return true
	}
	return t.data+data > mostData || t.long+long > mostLong
}

// took counts a name that is asked, and all names above it.
func (t *talk) took(seed maphash.Seed, rest string, data, long float64) {
	for at := rest; at != ""; {
		t.names.add(sum(seed, at))
		var label string
		label, at, _ = strings.Cut(at, ".")
		t.labels.add(sum(seed, label))
	}
	t.data += data
	t.long += long
}

// seen remembers what was there before: a Bloom filter of 1 KB that begins anew
// when one in twenty answers would be wrong.
type seen struct {
	bits  []uint64
	count int
}

const (
	seenWords = 128
	seenMost  = 1300 // of 8192 bits with 4 each: (1-e^(-4*1300/8192))^4 = 0.05
)

func newSeen() seen { return seen{bits: make([]uint64, seenWords)} }

func (s *seen) has(h uint64) bool {
	for i := range uint64(4) {
		bit := (h >> (16 * i)) % (seenWords * 64)
		if s.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

func (s *seen) add(h uint64) {
	if s.has(h) {
		return
	}
	if s.count++; s.count > seenMost {
		clear(s.bits)
		s.count = 1
	}
	for i := range uint64(4) {
		bit := (h >> (16 * i)) % (seenWords * 64)
		s.bits[bit/64] |= 1 << (bit % 64)
	}
}
