package watch

import (
	"errors"
	"time"
)

// MaxWaiting is how many endpoints of a node wait for review at a time. One more
// takes the place of the oldest that was never let out, or else of the oldest:
// who scans a million hosts fills the queue and not the store.
const MaxWaiting = 10_000

// ErrNoEndpoint says that there is no such endpoint.
var ErrNoEndpoint = errors.New("there is no such endpoint")

// Endpoint is a host and port that a program asked for.
type Endpoint struct {
	ID       string // of the decision that was the first about it
	Node     string // whose gateway was asked
	Program  string // executable; empty: not known
	Host     string
	Port     uint16
	Address  string // of the first decision; empty: not resolved
	Protocol string // likewise, as far as it was known

	FirstSeen, LastSeen                time.Time
	Allowed, Denied                    int64
	BytesOut, BytesIn                  int64 // of flows that are over
	LastDecision, LastReason, LastRule string

	Review *Review // nil: nobody has reviewed it
}

// Review is what somebody made of an endpoint.
type Review struct {
	Verdict Verdict
	Note    string
	By      string
	At      time.Time
}

// Verdict is what a reviewer decides.
type Verdict string

// AllowOnce lets this program reach this host and port for OnceFor. AllowHost
// does so for good, AllowAlways for every program. Denied changes no rule: what
// the policy refuses stays refused. Denylisted adds the host and port to the
// denylist, for every program.
const (
	AllowOnce   Verdict = "allow_once"
	AllowHost   Verdict = "allow_host"
	AllowAlways Verdict = "allow_always"
	Denied      Verdict = "deny"
	Denylisted  Verdict = "denylist"
)

// OnceFor is how long a rule made by AllowOnce lasts.
const OnceFor = time.Hour

// Changes reports whether a verdict adds a rule to the policy.
func (v Verdict) Changes() bool { return v != Denied }

// States of endpoints, by which lists are filtered.
const (
	StateNew      = "new"
	StateReviewed = "reviewed"
)

// Filter narrows a list of endpoints; zero fields do not.
type Filter struct {
	State   string // new, reviewed
	Program string // exactly this executable
	Host    string // exactly this
}

// Program is what is known of the endpoints of one program.
type Program struct {
	Program             string
	Destinations        int64 // endpoints
	Waiting             int64 // of them those that nobody has reviewed
	Allowed, Denied     int64
	BytesOut, BytesIn   int64
	FirstSeen, LastSeen time.Time
}
