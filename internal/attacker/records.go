package attacker

import (
	"errors"
	"net/netip"
	"time"
)

// ErrNotFound says that there is no such attacker or reuse.
var ErrNotFound = errors.New("it is not on record")

// Attacker is who came from one source address.
type Attacker struct {
	ID         string // event.AttackerID of the address
	Address    netip.Addr
	FirstSeen  time.Time
	LastSeen   time.Time
	LastDay    string         // 2006-01-02 of LastSeen
	Days       int            // on which he came
	Sessions   int            // connections
	Deckies    int            // that he touched
	Services   int            // kinds of services that he touched
	Interacted int            // kinds of services that he used, where a scanner only looks
	Logins     int            // that were let in
	Leaked     int            // attempts with a secret that the leak sensor knows
	Claims     int            // other addresses that his requests named as his
	Acts       map[string]int // what he did, by type
	Score      int            // 0 to 100; Terms says why
}

// Place is a decky, a service, or a service of a decky that an attacker touched.
type Place struct {
	Decky        string // empty: on any
	Service      string // empty: any
	FirstSeen    time.Time
	LastSeen     time.Time
	Events       int
	Interactions int // 0: he only scanned it
}

// Visit is a session, for Traverse.
type Visit struct {
	Session   string
	Decky     string
	Service   string
	StartedAt time.Time
	EndedAt   *time.Time // nil while it goes on
}

// Hop is a stay on one decky, between others.
type Hop struct {
	Decky     string
	Services  []string // in the order in which he came to them
	Sessions  []string
	EnteredAt time.Time
	LeftAt    *time.Time // nil while a session of it goes on
}

// Way is how an attacker went from decky to decky.
type Way struct {
	Hops      []Hop
	Mutations []Mutation // of deckies on the way while he was on it, in the order of time
}

// Mutation is a decky's becoming another host: what he knew of it is void.
type Mutation struct {
	Decky       string
	At          time.Time
	Trigger     string // operator or scheduled
	OldServices []string
	NewServices []string
}

// Leak is an address that a header of an attacker's request named as the
// client's, where another was connected: often a proxy gives away who is behind.
type Leak struct {
	Address   string
	Header    string // that named it first
	Decky     string // of the first request
	Session   string // likewise
	LogID     string // likewise
	FirstSeen time.Time
	LastSeen  time.Time
	Times     int
}

// Of leaks, so many are shown; from so many on, they are a list that somebody
// works through and give nobody away.
const (
	LeakSample = 10
	Rotation   = 20
)

// Leaks are what an attacker's requests gave away.
type Leaks struct {
	Sample   []Leak // the first LeakSample
	Total    int
	Rotation bool // Total has reached Rotation
}

// Reuse is one plaintext secret that was tried on several services or by several
// addresses.
type Reuse struct {
	ID          string
	Fingerprint string
	Kind        string
	Targets     int // pairs of decky and service
	Addresses   int
	Leaked      bool // the leak sensor knows the secret
	FirstSeen   time.Time
	LastSeen    time.Time
}

// ReusePlaces are some of the places of a reuse, oldest first.
type ReusePlaces struct {
	Targets   []Target
	Addresses []string
}

// Target is a service of a decky.
type Target struct{ Decky, Service string }

// Order is how attackers are listed.
type Order string

// The orders. ByTime, the default, is the one that came last first.
const (
	ByTime  Order = "time"
	ByScore Order = "score"
)

// Filter narrows a list of attackers. What is empty does not.
type Filter struct {
	Order    Order
	MinScore int
}

// ReuseFilter narrows a list of reuses. What is empty does not.
type ReuseFilter struct {
	Fingerprint string
	MinTargets  int
}
