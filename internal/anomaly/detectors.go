package anomaly

import (
	"fmt"
	"slices"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// Limits say what of one kind is too much. What is nil is as guard/anomaly has it.
type Limits struct {
	IP, User, Subnet *int // events of one key in a window that open an episode; 0: these keys are not watched
	Window           *time.Duration
	Severity         *event.Severity
}

// The measures of a window. Longer ones would make a start slow, which reads the log
// of two windows.
const (
	ShortestWindow = time.Second
	LongestWindow  = time.Hour
)

// kinds lists what is watched: the kind of an episode and what is counted for it.
func kinds() []guard.Detector {
	var all []guard.Detector
	for _, d := range guard.Defaults() {
		if !slices.ContainsFunc(all, func(k guard.Detector) bool { return k.Type == d.Type }) {
			all = append(all, d)
		}
	}
	return all
}

// Kinds lists the kinds of episodes.
func Kinds() []string {
	var all []string
	for _, d := range kinds() {
		all = append(all, string(d.Type))
	}
	return all
}

// Detectors are those of guard/anomaly with other limits, by kind. The error says
// which limit cannot be.
func Detectors(limits map[string]Limits) ([]guard.Detector, error) {
	for kind := range limits {
		if !slices.Contains(Kinds(), kind) {
			return nil, fmt.Errorf("anomaly.%s: there is no such kind; there are %v", kind, Kinds())
		}
	}
	var all []guard.Detector
	for _, k := range kinds() {
		some, err := limited(k, limits[string(k.Type)])
		if err != nil {
			return nil, fmt.Errorf("anomaly.%s.%w", k.Type, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// limited makes the detectors of a kind, the narrower first: what one explains is
// not counted for the next.
func limited(k guard.Detector, l Limits) (all []guard.Detector, err error) {
	if l.Window != nil {
		if k.Window = *l.Window; k.Window < ShortestWindow || k.Window > LongestWindow {
			return nil, fmt.Errorf("window: %s is not between %s and %s", k.Window, ShortestWindow, LongestWindow)
		}
	}
	if l.Severity != nil {
		k.Severity = guard.Severity(l.Severity.String())
	}
	for _, key := range [...]struct {
		kind  guard.KeyKind
		limit *int
	}{{guard.BySource, l.IP}, {guard.ByUser, l.User}, {guard.BySubnet, l.Subnet}} {
		k.Key, k.Threshold = key.kind, usual(k.Type, key.kind)
		if key.limit != nil {
			k.Threshold = *key.limit
		}
		switch {
		case k.Threshold < 0 || k.Threshold > 60_000:
			return nil, fmt.Errorf("%s: %d is not between 0 and 60000", key.kind, k.Threshold)
		case k.Threshold > 0:
			all = append(all, k)
		}
	}
	return all, nil
}

// usual is the threshold that guard/anomaly has for a kind; 0: it has none.
func usual(t guard.Type, k guard.KeyKind) int {
	for _, d := range guard.Defaults() {
		if d.Type == t && d.Key == k {
			return d.Threshold
		}
	}
	return 0
}

// keyOf is whose event it is, for a detector; the zero Key when it does not say.
func keyOf(k guard.KeyKind, e *guard.Event) guard.Key {
	switch k {
	case guard.BySource:
		return guard.SourceKey(e.Addr)
	case guard.BySubnet:
		return guard.SubnetKey(e.Addr)
	}
	return guard.UserKey(e.User)
}
