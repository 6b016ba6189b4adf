package anomaly

import (
	"net/netip"
	"strconv"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// shown is what a record shows; nothing, if it is as it should be.
func shown(r event.SecurityRecord, received time.Time) []guard.Event {
	events := seen(r)
	for i := range events {
		events[i].Time = happened(r.Time, received)
	}
	return events
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

func seen(r event.SecurityRecord) []guard.Event {
	from, _ := netip.ParseAddr(r.SourceIP) // without one, the user is counted
	one := func(k guard.Kind, detail string) []guard.Event {
		return []guard.Event{{Kind: k, Addr: from, User: r.User, Detail: detail}}
	}
	switch r.Kind {
	case event.RecordAuthFailed:
		return one(guard.FailedAuth, "")
	case event.RecordPrivilegedContainer:
		return one(guard.PrivilegedContainer, r.Attributes["image"])
	case event.RecordPathTraversal:
		return one(guard.Traversal, r.Attributes["path"])
	case event.RecordCommandInjection:
		return one(guard.Injection, r.Attributes["input"])
	case event.RecordRateLimited:
		return one(guard.RateLimited, r.Attributes["route"])
	case event.RecordContainerStarted:
		if why := odd(r.Attributes); why != "" {
			return one(guard.OddContainer, r.Attributes["image"]+" "+why)
		}
	case event.RecordHTTPRequest:
		status, _ := strconv.Atoi(r.Attributes["status"]) // of a log without it: not known
		return guard.Requested(from, r.Attributes["path"], status, r.User)
	}
	return nil
}
