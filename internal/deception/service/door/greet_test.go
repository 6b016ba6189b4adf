package door

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestWhoLoggedInLastIsRemembered(t *testing.T) {
	var m Memory
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if got := m.Swap(mallory, "root", Last{at, "203.0.113.9", "pts/0"}); got != nil {
		t.Errorf("before the first login was %+v", got)
	}
	if got := m.Swap(mallory, "root", Last{at.Add(time.Hour), "203.0.113.9", "pts/1"}); got == nil || !got.At.Equal(at) || got.TTY != "pts/0" {
		t.Errorf("before the second login was %+v", got)
	}
	if got := m.Swap(eve, "root", Last{}); got != nil {
		t.Errorf("another client sees %+v", got)
	}
	for i := range 2 * maxLogins {
		m.Swap(mallory, fmt.Sprint("user", i), Last{At: at})
	}
	if got := m.Swap(mallory, "user0", Last{}); got != nil {
		t.Errorf("of %d logins the oldest is remembered: %+v", 2*maxLogins, got)
	}
}

var mallory, eve = netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.4")
