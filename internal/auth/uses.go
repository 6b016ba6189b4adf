package auth

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// KeyUseEvery is how often at most it is said that a key is used from an address.
const KeyUseEvery = 24 * time.Hour

// maxUses is how many pairs of key and address are remembered here, so that the store
// is not asked at each request. One that is forgotten is asked for once more.
const maxUses = 8 << 10

// KeyUse is that a key was used from an address.
type KeyUse struct {
	Key     APIKey
	Address string
	At      time.Time
}

// From is the address; of IPv6 the network of 64 bits, so that nobody makes a row of
// each of its addresses.
func (u KeyUse) From() string {
	a, err := netip.ParseAddr(u.Address)
	if err != nil || a.Is4() {
		return u.Address
	}
	network, err := a.Prefix(64)
	if err != nil {
		return u.Address
	}
	return network.String()
}

// Event says so.
func (u KeyUse) Event(first bool, source string) (event.Event, error) {
	return event.New(event.Header{Time: u.At, Source: source, Severity: event.Info, Subject: u.Key.Name + " from " + u.Address}, event.KeyUsed{
		KeyID: u.Key.ID, Key: u.Key.Name, Role: string(u.Key.Role), SourceIP: u.Address, First: first, OccurredAt: u.At,
	})
}

// uses remembers which uses were noted.
type uses struct {
	mu    sync.Mutex
	noted map[string]time.Time // by id of the key and address
}

func (s *uses) fresh(u KeyUse) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.noted[u.Key.ID+" "+u.From()]
	return !known || u.At.Sub(at) >= KeyUseEvery
}

func (s *uses) note(u KeyUse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noted == nil || len(s.noted) >= maxUses {
		s.noted = map[string]time.Time{}
	}
	s.noted[u.Key.ID+" "+u.From()] = u.At
}

// noteUse has the store remember from where a key is used. When it cannot, the request
// goes on, and the next one tries again. The control socket has no address.
func (k *Keys) noteUse(ctx context.Context, key APIKey, addr string, now time.Time) {
	u := KeyUse{Key: key, Address: addr, At: now.UTC().Truncate(time.Microsecond)}
	if addr == "" || !k.uses.fresh(u) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keyTouchDeadline)
	defer cancel()
	if err := k.store.NoteKeyUse(ctx, u, k.source); err != nil {
		k.log.WarnContext(ctx, "noting from where an API key is used", "key", key.Name, "error", err)
		return
	}
	k.uses.note(u)
}
