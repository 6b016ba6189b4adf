package policy

import (
	"fmt"
	"strconv"
	"time"
)

// Alerts is the section alerts. It decides nothing: whoever reads the decisions
// tells of them as it says. The zero value tells of nothing.
type Alerts struct {
	// Blocked: more denials of one program than this within Window are told of.
	// 0: however many.
	Blocked int
	Window  time.Duration
	// Baseline: whether traffic is told of that is unusual for its program and
	// destination.
	Baseline bool
}

// What holds where a policy does not say otherwise, and the bounds.
const (
	defaultBlocked = 100
	defaultWindow  = 300 // seconds
	maxBlocked     = 1_000_000
	maxWindow      = 24 * 3600
)

func (p *Policy) readAlerts(m *mapping) {
	a := Alerts{Blocked: defaultBlocked, Window: defaultWindow * time.Second, Baseline: m.flag("baseline", true)}
	limits := m.sub("thresholds")
	a.Blocked = limits.count("blocked_requests", a.Blocked, 0, maxBlocked)
	a.Window = time.Duration(limits.count("window_seconds", defaultWindow, 10, maxWindow)) * time.Second
	limits.noteRest("is no threshold of this version")
	if !m.flag("enabled", true) {
		a = Alerts{}
	}
	m.noteRest("has no effect: webhooks say who is told")
	p.settings.Alerts = a
}

// count reads a whole number.
func (m *mapping) count(key string, absent, least, most int) int {
	v, ok := m.get(key)
	if !ok {
		return absent
	}
	n, err := strconv.Atoi(v.text())
	if err != nil || n < least || n > most {
		v.wrong("is no whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most), "without this key it is "+strconv.Itoa(absent))
		return absent
	}
	return n
}

// noteRest accepts the keys that nobody asked for, and says that they have no
// effect: an older program has its own there.
func (m *mapping) noteRest(meaning string) {
	for _, name := range m.unknown() {
		m.note(meaning, name)
	}
}

func (a Alerts) words() string {
	if a == (Alerts{}) {
		return "off"
	}
	words := "no threshold"
	if a.Blocked > 0 {
		words = fmt.Sprintf("above %d blocked requests in %s", a.Blocked, a.Window)
	}
	return words + ", baseline " + onOff(a.Baseline)
}
