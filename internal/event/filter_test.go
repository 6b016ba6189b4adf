package event

import (
	"testing"
	"time"
)

func TestFilter(t *testing.T) {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	e := Event{Topic: "leak.message.quarantined", Severity: High, Time: at, Subject: "GITHUB_TOKEN in Straße", CorrelationID: "c-1"}
	for name, c := range map[string]struct {
		filter Filter
		want   bool
	}{
		"nothing is asked for":        {Filter{}, true},
		"its topic":                   {Filter{Topics: []string{"egress.>", "leak.*.quarantined"}}, true},
		"another topic":               {Filter{Topics: []string{"egress.>", "leak.*"}}, false},
		"its severity":                {Filter{Severities: []Severity{Info, High}}, true},
		"another severity":            {Filter{Severities: []Severity{Critical}}, false},
		"since then":                  {Filter{Since: at}, true},
		"since later":                 {Filter{Since: at.Add(time.Microsecond)}, false},
		"until then":                  {Filter{Until: at}, false},
		"until later":                 {Filter{Until: at.Add(time.Microsecond)}, true},
		"a text of its subject":       {Filter{Subject: "token IN STRAẞE"}, true},
		"a text of another":           {Filter{Subject: "token on"}, false},
		"its cause":                   {Filter{CorrelationID: "c-1"}, true},
		"another cause":               {Filter{CorrelationID: "C-1"}, false},
		"all that it is, and a lie":   {Filter{Topics: []string{">"}, Subject: "github", CorrelationID: "c-2"}, false},
		"all that it is, and no more": {Filter{Topics: []string{">"}, Severities: []Severity{High}, Since: at, Until: at.Add(1), Subject: "github", CorrelationID: "c-1"}, true},
	} {
		if got := c.filter.Passes(e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
