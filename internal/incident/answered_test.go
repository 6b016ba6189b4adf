package incident

import (
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

// What playbooks do about an incident is a line of its timeline, and counts for nothing.
func TestWhatPlaybooksDoIsOnTheTimeline(t *testing.T) {
	opened := "incident.01936d2c-5f8e-7abc-9def-0123456789ab.opened"
	for name, c := range map[string]struct {
		p    event.ActionChanged
		kind EntryKind
		by   string
		want string // empty: no line
		key  Key
	}{
		"asked":       {event.ActionChanged{Kind: "kill_switch", State: "pending", EventTopic: opened}, Response, "", "playbook p asks to turn the kill switch on", Key{}},
		"approved":    {event.ActionChanged{Kind: "kill_switch", State: "due", EventTopic: opened, DecidedBy: "ada", Reason: "seen"}, Human, "ada", "approved that playbook p may turn the kill switch on (seen)", Key{}},
		"about to":    {event.ActionChanged{Kind: "kill_switch", State: "due", EventTopic: opened}, "", "", "", Key{}},
		"rejected":    {event.ActionChanged{Kind: "notify", Message: "look", State: "rejected", EventTopic: opened, DecidedBy: "ada"}, Human, "ada", "refused that playbook p may notify: look", Key{}},
		"given up":    {event.ActionChanged{Kind: "kill_switch", State: "expired", EventTopic: opened}, Response, "", "playbook p asked in vain to turn the kill switch on: nobody approved it in time", Key{}},
		"done":        {event.ActionChanged{Kind: "block", Target: "203.0.113.9", State: "done", EventTopic: "anomaly.brute_force.detected", SourceIP: "203.0.113.9", DecidedBy: "ada"}, Response, "", "playbook p did: block 203.0.113.9", Key{Address, "203.0.113.9"}},
		"failed":      {event.ActionChanged{Kind: "kill_switch", State: "failed", EventTopic: opened, Result: "it is off"}, Response, "", "playbook p could not turn the kill switch on: it is off", Key{}},
		"undone":      {event.ActionChanged{Kind: "quarantine", Target: "v1:k:a", State: "undone", EventTopic: "leak.finding.detected", Fingerprint: "v1:k:a", DecidedBy: "ada", Reason: "a test"}, Human, "ada", "undid what playbook p did: withhold secret v1:k:a (a test)", Key{Secret, "v1:k:a"}},
		"a dry run":   {event.ActionChanged{Kind: "kill_switch", State: "dry_run", EventTopic: opened}, "", "", "", Key{}},
		"of no one":   {event.ActionChanged{Kind: "kill_switch", State: "done", EventTopic: "anomaly.brute_force.detected"}, "", "", "", Key{}},
		"our machine": {event.ActionChanged{Kind: "block", State: "failed", EventTopic: "anomaly.brute_force.detected", SourceIP: "127.0.0.1"}, "", "", "", Key{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.p.Playbook = "p"
			e, err := event.New(event.Header{Time: noon, Source: "n/respond"}, c.p)
			if err != nil {
				t.Fatal(err)
			}
			all, err := Observations(e)
			if err != nil || len(all) > 0 != (c.want != "") {
				t.Fatalf("%+v, %v", all, err)
			}
			if c.want == "" {
				return
			}
			o := all[0]
			line := o.Line("id")
			if !o.Remark || line.Kind != c.kind || line.By != c.by || line.Words != c.want || line.EventID != e.ID || o.Key != c.key || (o.Incident == "") != (c.key != Key{}) {
				t.Errorf("%+v\n%+v", o, line)
			}
		})
	}
}
