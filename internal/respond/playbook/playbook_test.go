package playbook_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// parse reads one playbook whose other lines are given.
func parse(t *testing.T, lines string) (*playbook.Playbook, error) {
	t.Helper()
	all, err := playbook.Parse([]byte("playbooks:\n  - id: p\n    " + strings.ReplaceAll(lines, "\n", "\n    ") + "\n"))
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func must(t *testing.T, lines string) *playbook.Playbook {
	t.Helper()
	p, err := parse(t, lines)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func say(t *testing.T, severity event.Severity, p event.Payload) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), Source: "n/x", Severity: severity, Subject: "about"}, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func guesser() event.AnomalyDetected {
	return event.AnomalyDetected{Kind: "brute_force", KeyKind: "ip", SourceIP: "203.0.113.9", User: "root", Count: 12, WindowSeconds: 300, State: "opened", Severity: "high", OpenedAt: time.Date(2026, 3, 14, 11, 0, 0, 0, time.UTC)}
}

func TestWhatIsLeftOutIsTheCarefulChoice(t *testing.T) {
	p := must(t, "topics: [anomaly.>]\nblock: {}")
	if p.Mode != playbook.DryRun || p.PerHour != 20 || p.Within != 24*time.Hour || p.Block.For != 24*time.Hour || p.Block.Field != "source_ip" {
		t.Errorf("%+v %+v", p, p.Block)
	}
}

func TestConditions(t *testing.T) {
	for when, want := range map[string]bool{
		`severity >= high`:                                         true,
		`severity == critical`:                                     false,
		`severity > medium && data.state == "opened"`:              true,
		`data.count > 10 && data.window_seconds < 301.0`:           true,
		`data.user in ["root", "admin"]`:                           true,
		`data.source_ip.within("203.0.113.0/24")`:                  true,
		`data.source_ip.within("10.0.0.0/8")`:                      false,
		`data.detail.within("10.0.0.0/8")`:                         false, // it is no address
		`data.detail == ""`:                                        true,  // the event leaves it out
		`data.opened_at < timestamp("2026-03-14T11:00:01Z")`:       true,
		`data.closed_at == timestamp("0001-01-01T00:00:00Z")`:      true,
		`data.user.matches("^ro+t$")`:                              true,
		`topic == "anomaly.brute_force.detected" && source=="n/x"`: true,
		`subject.contains("bout")`:                                 true,
	} {
		p := must(t, "topics: [anomaly.*.detected]\nnotify: x\nwhen: '"+when+"'")
		got, err := p.Answers(say(t, event.High, guesser()))
		if err != nil || (len(got) == 1) != want {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
}

func TestAListOfTextsMayBeAsked(t *testing.T) {
	p := must(t, `topics: [incident.*.opened, incident.*.updated]
when: '"deception" in data.sensors && data.sensors.exists(s, s.startsWith("le"))'
notify: x`)
	e := say(t, event.Critical, event.IncidentUpdated{Incident: event.Incident{IncidentID: "01936d2c-5f8e-7abc-9def-0123456789ab", Sensors: []string{"deception", "leak"}}})
	if got, err := p.Answers(e); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// What is wrong is said when the file is read.
func TestMistakesAreNamed(t *testing.T) {
	for lines, want := range map[string]string{
		"topics: [anomaly.>]":                                                                            "it does nothing",
		"notify: x":                                                                                      "topics: give 1 to 32",
		"topics: [system.>]\nnotify: x":                                                                  "begins with one of anomaly, attacker",
		"topics: [response.block.changed]\nnotify: x":                                                    "begins with one of anomaly, attacker",
		"topics: ['>']\nnotify: x":                                                                       "begins with one of anomaly, attacker",
		"topics: [anomaly.brute_force.lost]\nnotify: x":                                                  "no event is said under it",
		"topics: [egress.killswitch.changed]\nnotify: x":                                                 "no event is said under it",
		"topics: [anomaly..x]\nnotify: x":                                                                "topics: ",
		"topics: [anomaly.>]\nmode: maybe\nnotify: x":                                                    `mode: "maybe" is not dry_run, approve or act`,
		"topics: [anomaly.>]\nper_hour: 5000\nnotify: x":                                                 "per_hour: 5000 is not between 1 and 1000",
		"topics: [anomaly.>]\nblock: {for: 2h, up_to: 1h}":                                               "block.up_to: 1h0m0s is not between 2h0m0s",
		"topics: [anomaly.>]\nblock: {for: 10s}":                                                         "block.for: 10s is not between 1m0s",
		"topics: [anomaly.>]\nblock: {for: soon}":                                                        `"soon" is no duration`,
		"topics: [anomaly.>]\nblock: {address: count}":                                                   "data.count is no text",
		"topics: [leak.message.quarantined]\nblock: {}":                                                  "data.source_ip is no text that all events of these topics have",
		"topics: [anomaly.>]\nquarantine: {}":                                                            "quarantine.fingerprint: data.fingerprint is no text",
		"topics: [leak.finding.detected]\nquarantine: {fingerprint: confidence}":                         "data.confidence is no text",
		"topics: [leak.finding.detected]\nquarantine: {message: confidence}":                             "quarantine.message: data.confidence is no text",
		"topics: [anomaly.>]\napprove_within: 1s\nnotify: x":                                             "approve_within: 1s",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.sorce_ip == ''":                                      "undeclared reference to 'data.sorce_ip' (did you mean 'data.source_ip'?); data has the fields",
		"topics: [anomaly.>, leak.>]\nnotify: x\nwhen: data.count > 1":                                   "column 1: undeclared reference to 'data'; data has the fields that all events of these topics share",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.count > 'many'":                                      "no matching overload",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.count":                                               "it is int and has to be true or false",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.count >":                                             "column ",
		"topics: [anomaly.>]\nnotify: x\nwhen: severity >= worst":                                        "undeclared reference to 'worst'",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.user.matches(data.detail)":                           "written out",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.source_ip.within(data.key)":                          "written out",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.source_ip.within('10.1.0.0/8')":                      "written out",
		"topics: [anomaly.>]\nnotify: x\nwhen: data.user.matches('(')":                                   "column ",
		"topics: [anomaly.>]\nnotify: x\nblocks: {}":                                                     `unknown field "blocks"`,
		"topics: &a [anomaly.>]\nnotify: x":                                                              "anchors",
		"topics: [anomaly.>]\nnotify: x\nwhen: " + strings.Repeat("(", 40):                               "",
		"topics: [anomaly.>]\nnotify: x\nwhen: severity == 1" + strings.Repeat(" || severity == 1", 300): "",
	} {
		_, err := parse(t, lines)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.120s\n  got  %v\n  want %s", lines, err, want)
		}
	}
}

func TestEveryMistakeIsSaidAtOnce(t *testing.T) {
	_, err := playbook.Parse([]byte("playbooks:\n  - {id: A, topics: [leak.>], notify: x}\n  - {id: b, topics: [leak.>]}\n  - {id: c, topics: [leak.>], notify: x}\n  - {id: c, topics: [leak.>], notify: x}\n"))
	for _, want := range []string{`playbooks[0] "A": id: give`, `playbooks[1] "b": it does nothing`, `playbooks[3] "c": id: is taken`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

func TestActions(t *testing.T) {
	const all = "topics: [anomaly.*.detected]\nblock: {for: 2h}\nkill_switch: true\nnotify: look at it"
	for name, c := range map[string]struct {
		change func(*event.AnomalyDetected)
		want   string
	}{
		"all":             {func(*event.AnomalyDetected) {}, "[block 203.0.113.9 for 2h0m0s turn the kill switch on notify: look at it]"},
		"no address":      {func(a *event.AnomalyDetected) { a.SourceIP = "" }, "[turn the kill switch on notify: look at it]"},
		"what is none":    {func(a *event.AnomalyDetected) { a.SourceIP = "203.0.113.9; flush" }, "[turn the kill switch on notify: look at it]"},
		"IPv4 as IPv6":    {func(a *event.AnomalyDetected) { a.SourceIP = "::ffff:203.0.113.9" }, "[block 203.0.113.9 for 2h0m0s turn the kill switch on notify: look at it]"},
		"one with a zone": {func(a *event.AnomalyDetected) { a.SourceIP = "fe80::1%eth0" }, "[block fe80::1 for 2h0m0s turn the kill switch on notify: look at it]"},
		"another anomaly": {func(a *event.AnomalyDetected) { a.Kind = "path_traversal" }, "[block 203.0.113.9 for 2h0m0s turn the kill switch on notify: look at it]"},
	} {
		a := guesser()
		c.change(&a)
		got, err := must(t, all).Answers(say(t, event.High, a))
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// A fingerprint is kept and shown: what is none is left out.
func TestASecretIsNamedByItsFingerprint(t *testing.T) {
	p := must(t, "topics: [leak.finding.detected, egress.leak.blocked]\nwhen: topic == 'leak.finding.detected'\nquarantine: {fingerprint: fingerprint}")
	for print, want := range map[string]string{
		"v1:5f2a9c01:00ff":                       "[withhold secret v1:5f2a9c01:00ff]",
		"":                                       "[]",
		"v1:5f2a9c01:":                           "[]",
		"hunter2":                                "[]", // cordon:allow
		"v1:5f2a9c01:00ff\n":                     "[]",
		"v1:" + strings.Repeat("a", 200) + ":00": "[]",
	} {
		got, err := p.Answers(say(t, event.Low, event.FindingDetected{Finding: event.Finding{Fingerprint: print}}))
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", print, got, err)
		}
	}
	if got := p.Does(); len(got) != 1 || got[0] != "quarantine" {
		t.Errorf("does %v", got)
	}
}

// A gossip message is named by the id that its sender gave it: one that an action could not
// keep as it is would be another message's.
func TestAMessageIsNamedByItsID(t *testing.T) {
	p := must(t, "topics: [leak.finding.detected]\nquarantine: {message: bzzz_message_id}")
	for id, want := range map[string]string{
		"12D3KooWExample-58322":     "[withhold message 12D3KooWExample-58322]",
		"":                          "[]",
		"two\nlines":                "[]",
		"\xff":                      "[]",
		strings.Repeat("a", 190):    "[withhold message " + strings.Repeat("a", 190) + "]",
		strings.Repeat("a", 191):    "[]",
		"with a space and \u202e x": "[]",
	} {
		got, err := p.Answers(say(t, event.Low, event.FindingDetected{Finding: event.Finding{Fingerprint: "v1:5f2a9c01:00ff"}, Place: event.Place{MessageID: id}}))
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", id, got, err)
		}
	}
	both := must(t, "topics: [leak.finding.detected]\nquarantine: {message: bzzz_message_id, fingerprint: fingerprint}")
	if got := fmt.Sprint(p.Does(), both.Does()); got != "[quarantine_message] [quarantine quarantine_message]" {
		t.Errorf("does %s", got)
	}
}

func TestOtherEventsAreLeftAlone(t *testing.T) {
	p := must(t, "topics: [egress.>]\nnotify: x")
	for _, other := range []event.Payload{guesser(), event.KillSwitchChanged{Active: true, Reason: "x", ChangedBy: "ada"}} {
		if got, err := p.Answers(say(t, event.High, other)); got != nil || err != nil {
			t.Errorf("%T: %v, %v", other, got, err)
		}
	}
	if got, err := p.Answers(say(t, event.Low, event.ConnectionDenied{})); len(got) != 1 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// Whoever may report events must not be able to make a playbook misread them.
func TestDataThatIsNotWhatItsTopicSaysIsAnError(t *testing.T) {
	p := must(t, "topics: [anomaly.>]\nnotify: x\nwhen: data.count > 1")
	e := say(t, event.High, guesser())
	for _, data := range []string{`{"count":"many"}`, `[]`, `{`, `{"count":1e99}`, `{"source_ip":7}`} {
		e.Data = []byte(data)
		if got, err := p.Answers(e); got != nil || err == nil || strings.Contains(err.Error(), "many") {
			t.Errorf("%s: %v, %v", data, got, err)
		}
	}
}

// A text that is longer than the condition was priced for costs an error, not time.
func TestAConditionIsStoppedAtItsCost(t *testing.T) {
	p := must(t, "topics: [anomaly.>]\nnotify: x\nwhen: data.detail.contains('aaaaaaaaaaaaaaaa')")
	a := guesser()
	a.Detail = strings.Repeat("ab", 1<<20)
	if got, err := p.Answers(say(t, event.High, a)); got != nil || err == nil || len(err.Error()) > 200 {
		t.Errorf("%v, %.200v", got, err)
	}
}

// A playbook is tried before it is trusted.
func TestTry(t *testing.T) {
	p := must(t, "topics: [anomaly.>]\nwhen: data.count > 1\nkill_switch: true")
	examples, err := playbook.Examples()
	if err != nil {
		t.Fatal(err)
	}
	broken := say(t, event.High, guesser())
	broken.Data = []byte("[]")
	got := playbook.Try([]*playbook.Playbook{p}, append(examples, broken))
	if len(got) != 2 || got[0].Topic != "anomaly.brute_force.detected" || len(got[0].Actions) != 1 || got[1].Problem == "" {
		t.Errorf("%+v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("playbooks:\n  - {id: a, topics: [anomaly.>], block: {for: 1h}, when: 'severity >= high'}\n"))
	f.Add([]byte("playbooks: [{id: a, topics: [leak.>], notify: x, when: 'data.rule == \"\"'}]"))
	f.Add([]byte("playbooks: &x [*x]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := playbook.Parse(text)
		if err != nil {
			return
		}
		for _, p := range all {
			if p.ID == "" || p.PerHour < 1 || p.Within < time.Minute || len(p.Topics) == 0 {
				t.Errorf("%+v", p)
			}
			for _, entry := range event.Catalogue() {
				e, err := event.New(event.Header{Time: time.Unix(0, 0), Source: "n/x", Severity: entry.Level}, entry.Example)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = p.Answers(e) // an error at most
			}
		}
	})
}
