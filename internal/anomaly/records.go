package anomaly

import (
	"net/netip"
	"strconv"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// about is an event with what all have that a record shows.
func about(r *event.SecurityRecord, received time.Time) guard.Event {
	from, _ := netip.ParseAddr(r.SourceIP) // without one, the user is counted
	return guard.Event{Time: happened(r.Time, received), Addr: from, User: r.User}
}

// happened is the time of a record. One that is not known, or lies ahead of when the
// record was received, is that: nobody's clock opens a window in the future, or closes
// all that are open.
func happened(at, received time.Time) time.Time {
	if at.Year() < 1970 || at.After(received) {
		return received
	}
	return at
}

// shown tells of what a record shows, each as e with more; of nothing, if it is as it
// should be.
func shown(r *event.SecurityRecord, e guard.Event, tell func(guard.Event)) {
	switch r.Kind {
	case event.RecordAuthFailed:
		e.Kind = guard.FailedAuth
	case event.RecordPrivilegedContainer:
		e.Kind, e.Detail = guard.PrivilegedContainer, r.Attributes["image"]
	case event.RecordPathTraversal:
		e.Kind, e.Detail = guard.Traversal, r.Attributes["path"]
	case event.RecordCommandInjection:
		e.Kind, e.Detail = guard.Injection, r.Attributes["input"]
	case event.RecordWebAttack:
		e.Kind, e.Detail = guard.WebAttacked, r.Attributes["attack"]
	case event.RecordRateLimited:
		e.Kind, e.Detail = guard.RateLimited, r.Attributes["route"]
	case event.RecordContainerStarted:
		if why := odd(r.Attributes); why != "" {
			e.Kind, e.Detail = guard.OddContainer, r.Attributes["image"]+" "+why
		}
	case event.RecordHTTPRequest:
		requested(r, e, tell)
	}
	if e.Kind != "" {
		tell(e)
	}
}

// requested tells of what a request shows.
func requested(r *event.SecurityRecord, of guard.Event, tell func(guard.Event)) {
	status, _ := strconv.Atoi(r.Attributes["status"]) // of a log without it: not known
	asked := guard.Request{Target: r.Attributes["path"], Referer: r.Attributes["referer"], UserAgent: r.Attributes["user_agent"], Status: status, User: r.User}
	for _, e := range asked.Events(of.Addr) {
		e.Time = of.Time
		tell(e)
	}
}
