package anomaly

import (
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// Trial is something that rules would say of some records.
type Trial struct {
	State   string // opened, growing, closed
	At      time.Time
	Episode Episode // as it was then
}

// Try asks rules about records in their order, and stores nothing. A record without a
// time is as late as the one before it. What is open at the end stays so.
func Try(rules []*rule.Rule, records []event.SecurityRecord) ([]Trial, error) {
	t, err := newTracker(nil, rules)
	if err != nil {
		return nil, err
	}
	now := time.Unix(0, 0).UTC()
	for _, r := range records {
		if now.Before(r.Time) {
			now = r.Time.UTC()
		}
		if r.Time.IsZero() {
			r.Time = now
		}
		t.sweep(now)
		t.take([]event.SecurityRecord{r}, now)
	}
	var all []Trial
	for _, s := range t.said {
		all = append(all, Trial{s.state, s.at, s.episode})
	}
	return all, nil
}
