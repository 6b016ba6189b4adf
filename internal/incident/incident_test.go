package incident

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/event"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func leaked() Observation {
	return Observation{
		EventID: "e1", Topic: event.TopicMessageQuarantined, At: noon, Key: Key{Secret, "v1:k:a"}, Sensor: Leak, Severity: event.High,
		Rule: "github-pat", SecretType: "GITHUB_TOKEN", Redacted: "ghp_****", Place: "chat #7", Summary: "GITHUB_TOKEN found in chat #7 (observed)",
	}
}

func used() Observation {
	return Observation{
		EventID: "e2", Topic: event.TopicLeakBlocked, At: noon.Add(time.Minute), Key: Key{Secret, "v1:k:a"}, Sensor: Egress, Severity: event.High,
		Rule: "github-pat", Redacted: "ghp_****", SourceIP: "127.0.0.1", Program: "/usr/bin/curl", Place: "paste.example:80",
		Summary: "/usr/bin/curl wanted to send github-pat to paste.example:80: refused",
	}
}

// The reason why there are incidents: a secret that was found in a log and then goes
// out is one thing, and it is critical.
func TestALeakedSecretInUseIsCritical(t *testing.T) {
	for name, order := range map[string][]Observation{"leaked, then used": {leaked(), used()}, "used, then leaked": {used(), leaked()}} {
		i, first := Open("i1", order[0], noon)
		if first.Kind != Opened || i.Severity != event.High || i.Join != "" || i.State != Triggered {
			t.Errorf("%s: opened as %+v", name, i)
		}
		c := i.Observe(order[1], noon)
		if c.Kind != Updated || i.Severity != event.Critical || i.Join != LeakedSecretInUse || i.Title != "Leaked secret in use: GITHUB_TOKEN" {
			t.Errorf("%s: %+v, %+v", name, c, i)
		}
		if i.Program != "/usr/bin/curl" || i.SourceIP != "127.0.0.1" || len(i.Sensors) != 2 || i.Observations != 2 {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

// A secret that the leak sensor knows and that somebody tries on a decky is in use,
// whether its finding has an incident or was too weak for one.
func TestALeakedSecretThatIsTriedIsCritical(t *testing.T) {
	o := Observation{
		EventID: "e3", Topic: event.TopicCredentialCaptured, At: noon.Add(time.Minute), Key: Key{Secret, "v1:k:a"}, Sensor: Deception, Severity: event.Critical,
		SourceIP: "203.0.113.9", Place: "decky web-3 (ssh)", Summary: "203.0.113.9 tried a leaked secret on decky web-3 (ssh)",
	}
	i, _ := Open("i1", leaked(), noon)
	c := i.Observe(o, noon)
	if c.Kind != Updated || i.Severity != event.Critical || i.Join != LeakedSecretInUse || i.Title != "Leaked secret in use: GITHUB_TOKEN" || i.SourceIP != "203.0.113.9" {
		t.Errorf("%+v, %+v", c, i)
	}
	if line := o.Line("l"); line.Kind != Detection || line.Sensor != Deception {
		t.Errorf("%+v", line)
	}
	alone, c := Open("i2", o, noon)
	if c.Kind != Opened || alone.Join != LeakedSecretInUse || alone.Title != "Leaked secret in use" || alone.Severity != event.Critical {
		t.Errorf("%+v", alone)
	}
	alone.Observe(leaked(), noon)
	if alone.Title != "Leaked secret in use: GITHUB_TOKEN" || len(alone.Sensors) != 2 {
		t.Errorf("%+v", alone)
	}
}

func TestTitlesSayWhere(t *testing.T) {
	for want, o := range map[string]Observation{"GITHUB_TOKEN in chat #7": leaked(), "github-pat on its way to paste.example:80": used()} {
		if i, _ := Open("i", o, noon); i.Title != want {
			t.Errorf("%q, want %q", i.Title, want)
		}
	}
}

// A thousand repeats are told ten times.
func TestRepeatsAreToldAtEachDoubling(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	told := 0
	for range 1_023 {
		if i.Observe(leaked(), noon).Kind != Counted {
			told++
		}
	}
	if told != 10 || i.Observations != 1_024 {
		t.Errorf("told %d times of %d observations", told, i.Observations)
	}
}

func TestWhatWasResolvedComesBack(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	if _, err := i.Do(Act{Verb: Resolve, By: "ada", Reason: "revoked"}, noon); err != nil {
		t.Fatal(err)
	}
	c := i.Observe(used(), noon)
	if i.State != Triggered || !i.Regressed || i.ClosedAt != nil || i.Reason != "" || !strings.HasPrefix(c.Words, "it came back") {
		t.Errorf("%+v, %+v", c, i)
	}
}

func TestWhatIsIgnoredStaysSo(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	if _, err := i.Do(Act{Verb: Ignore, By: "ada", Reason: "a test key"}, noon); err != nil {
		t.Fatal(err)
	}
	if c := i.Observe(used(), noon); c.Kind != Counted || i.State != Ignored || i.Observations != 2 {
		t.Errorf("%+v, %+v", c, i)
	}
}

func TestAFalsePositiveClosesItsIncident(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	o := Observation{Key: i.Key, Dismissed: "ada", Reason: "documentation"}
	if c := i.Observe(o, noon); c.Kind != Closed || i.State != Ignored || i.Reason != "false positive: documentation" || i.Observations != 1 || c.By != "ada" {
		t.Errorf("%+v, %+v", c, i)
	}
	if c := i.Observe(o, noon); c.Kind != Counted {
		t.Errorf("a second time: %+v", c)
	}
}

func TestActs(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	for _, a := range []struct {
		act   Act
		state State
		says  string // of the change or the error
	}{
		{Act{Verb: Reopen, By: "ada"}, Triggered, "it is open"},
		{Act{Verb: Resolve, By: "ada"}, Triggered, "without a reason"},
		{Act{Verb: Acknowledge, By: "ada"}, Acknowledged, "acknowledged"},
		{Act{Verb: Assign, By: "ada", Assignee: "bob"}, Acknowledged, "given to bob"},
		{Act{Verb: Assign, By: "ada"}, Acknowledged, "given to nobody"},
		{Act{Verb: Note, By: "bob", Reason: "asked the owner"}, Acknowledged, "asked the owner"},
		{Act{Verb: Note, By: "bob"}, Acknowledged, "no words"},
		{Act{Verb: Ignore, By: "bob", Reason: "ours"}, Ignored, "ignored: ours"},
		{Act{Verb: Resolve, By: "bob", Reason: "x"}, Ignored, "reopen it first"},
		{Act{Verb: Reopen, By: "bob", Reason: "not ours"}, Triggered, "reopened: not ours"},
		{Act{Verb: "dance", By: "bob"}, Triggered, "is not one of"},
		{Act{Verb: Note, By: "bob", Reason: "x", Version: 1}, Triggered, "has changed"},
	} {
		c, err := i.Do(a.act, noon)
		said := c.Words
		if err != nil {
			said = err.Error()
		}
		if i.State != a.state || !strings.Contains(said, a.says) {
			t.Errorf("%+v: %s, %q", a.act, i.State, said)
		}
	}
	if _, err := i.Do(Act{Verb: Note, By: "a", Reason: "x", Version: i.Version - 1}, noon); !errors.Is(err, ErrVersion) {
		t.Errorf("an old version: %v", err)
	}
}

// Whatever happens in whatever order: the severity never falls, a closed incident has a
// reason and a time, an open one neither, the version grows with each change that is told.
func TestIncidentsStayWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, _ := Open("i1", leaked(), noon)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := i
			var c Change
			if rapid.Bool().Draw(t, "observed") {
				o := rapid.SampledFrom([]Observation{leaked(), used(), {Key: i.Key, Dismissed: "bob"}}).Draw(t, "observation")
				c = i.Observe(o, noon)
			} else {
				verb := rapid.SampledFrom([]Verb{Acknowledge, Resolve, Ignore, Reopen, Assign, Note, Snooze, Wake}).Draw(t, "verb")
				c, _ = i.Do(Act{Verb: verb, By: "ada", Until: noon.Add(time.Hour), Reason: rapid.SampledFrom([]string{"", "why"}).Draw(t, "reason")}, noon)
			}
			switch {
			case i.Severity < before.Severity:
				t.Fatalf("the severity fell from %v to %v", before.Severity, i.Severity)
			case i.State.Open() != (i.ClosedAt == nil) || !i.State.Open() && i.Reason == "" || i.State.Open() && i.Reason != "":
				t.Fatalf("%+v", i)
			case c.Kind != Counted && i.Version <= before.Version:
				t.Fatalf("%+v changed nothing of the version %d", c, i.Version)
			case i.Join != "" && i.Severity != event.Critical:
				t.Fatalf("joined and %v", i.Severity)
			}
		}
	})
}

func TestObservationsOfEvents(t *testing.T) {
	index := uint64(7)
	finding := event.Finding{Fingerprint: "v1:k:a", Rule: "github-pat", SecretType: "GITHUB_TOKEN", Redacted: "ghp_****"}
	conn := event.Connection{Host: "paste.example", Port: 80, Program: "/usr/bin/curl", SourceIP: "127.0.0.1", Reason: "leak",
		Findings: []event.Leak{{Rule: "github-pat", Redacted: "ghp_****", Fingerprint: "v1:k:a"}, {Rule: "aws", Fingerprint: "v1:k:b"}, {Rule: "no key"}}}
	watched, belongs, plain, twice, named := conn, conn, conn, conn, conn
	watched.Would, belongs.Reason, plain.Findings = "deny", "rule", nil
	twice.Host, twice.Findings = "2001:db8::1", []event.Leak{conn.Findings[0], conn.Findings[0]}
	named.Host, named.Port, named.Findings = "", 0, conn.Findings[:1]
	for _, c := range []struct {
		name    string
		payload event.Payload
		want    []string
	}{
		{"quarantined", event.MessageQuarantined{Finding: finding, Place: event.Place{SourceID: "chat", Index: &index}, Disposition: "observed"}, []string{"leak chat #7 GITHUB_TOKEN found in chat #7 (observed)"}},
		{"without a key", event.MessageQuarantined{Place: event.Place{SourceID: "chat"}}, nil},
		{"refused", event.LeakBlocked{Connection: conn}, []string{
			"egress paste.example:80 /usr/bin/curl wanted to send github-pat to paste.example:80: refused", "egress paste.example:80 /usr/bin/curl wanted to send aws to paste.example:80: refused"}},
		{"refused for another reason", event.ConnectionDenied{Connection: conn}, []string{
			"egress paste.example:80 /usr/bin/curl wanted to send github-pat to paste.example:80: refused", "egress paste.example:80 /usr/bin/curl wanted to send aws to paste.example:80: refused"}},
		{"only watched", event.ConnectionAllowed{Connection: watched}, []string{
			"egress paste.example:80 /usr/bin/curl sent github-pat to paste.example:80", "egress paste.example:80 /usr/bin/curl sent aws to paste.example:80"}},
		{"where it belongs", event.ConnectionAllowed{Connection: belongs}, nil},
		{"the same in two fields", event.LeakBlocked{Connection: twice}, []string{"egress [2001:db8::1]:80 /usr/bin/curl wanted to send github-pat to [2001:db8::1]:80: refused"}},
		{"in the name of the host", event.LeakBlocked{Connection: named}, []string{
			"egress a host that is named after it /usr/bin/curl wanted to send github-pat to a host that is named after it: refused"}},
		{"nothing in it", event.ConnectionDenied{Connection: plain}, nil},
		{"no secret", event.QuarantineReviewed{Fingerprint: "v1:k:a", Action: "false_positive", Reviewer: "ada"}, []string{"leak  false positive, says ada"}},
		{"confirmed", event.QuarantineReviewed{Fingerprint: "v1:k:a", Action: "confirmed", Reviewer: "ada"}, nil},
		{"tried on a decky", event.CredentialCaptured{
			Contact: event.Contact{Decky: "web-3", Service: "ssh", SourceIP: "203.0.113.9"}, Fingerprint: "v1:k:a", Principal: "root", Leaked: true, Accepted: true,
		}, []string{`deception decky web-3 (ssh) 203.0.113.9 tried a leaked secret on decky web-3 (ssh) as "root": let in`}},
		{"a password that nobody knows", event.CredentialCaptured{Contact: event.Contact{Decky: "web-3"}, Fingerprint: "v1:k:a"}, nil},
		{"something else", event.SourceStateChanged{SourceID: "chat", Kind: "file", State: "live"}, nil},
	} {
		e, err := event.New(event.Header{Time: noon, Source: "n/x", Severity: event.High}, c.payload)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Observations(e)
		var got []string
		for _, o := range all {
			if o.Key.Kind != Secret { // TestHalvesOfEvents has them
				continue
			}
			got = append(got, strings.Join([]string{string(o.Sensor), o.Place, o.Summary}, " "))
			if o.EventID != e.ID || o.Key.Value == "" {
				t.Errorf("%s: %+v", c.name, o)
			}
		}
		if err != nil || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestAnEventThatCannotBeReadIsAnError(t *testing.T) {
	for _, topic := range []string{
		event.TopicMessageQuarantined, event.TopicQuarantineReviewed, event.TopicLeakBlocked, event.TopicCredentialCaptured, event.TopicSessionStarted, event.TopicKeyUsed,
		"decky.web-1.traffic", "anomaly.brute_force.detected", "leak.gateway.gate-1.bypass",
	} {
		if _, err := Observations(event.Event{Topic: topic, Data: []byte(`[]`)}); err == nil {
			t.Errorf("%s: no error", topic)
		}
	}
}
