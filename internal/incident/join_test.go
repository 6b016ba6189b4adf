package incident

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/event"
)

func saw(k Key, s Sensor) Observation {
	return Observation{EventID: "e", Topic: "t", At: noon, Key: k, Sensor: s, Severity: event.Low, SourceIP: "203.0.113.9", Place: "somewhere", Summary: string(s) + " says so"}
}

// Which sensors, of which key, make what of an incident.
func TestJoins(t *testing.T) {
	address, host, secret := Key{Address, "203.0.113.9"}, Key{Host, "evil.example"}, Key{Secret, "v1:k:a"}
	for _, c := range []struct {
		name     string
		key      Key
		sensors  []Sensor
		complete bool
		join     string
		severity event.Severity
		title    string
	}{
		{"a decky is touched", address, []Sensor{Deception}, false, "", event.Low, ""},
		{"a key is used", address, []Sensor{Access}, false, "", event.Low, ""},
		{"an anomaly", address, []Sensor{Anomaly}, false, "", event.Low, ""},
		{"an anomaly of somebody with a key", address, []Sensor{Anomaly, Access}, false, "", event.Low, ""},
		{"(c)", address, []Sensor{Anomaly, Deception}, true, AnomalousAttacker, event.High, "Attacker found beyond deckies: 203.0.113.9"},
		{"(e)", address, []Sensor{Deception, Access}, true, AttackerUsedKey, event.Critical, "Attacker used an API key: 203.0.113.9"},
		{"(c) and (e)", address, []Sensor{Anomaly, Deception, Access}, true, AttackerUsedKey, event.Critical, "Attacker used an API key: 203.0.113.9"},
		{"a program is kept in", host, []Sensor{Egress}, false, "", event.Low, ""},
		{"a host is named", host, []Sensor{Deception}, false, "", event.Low, ""},
		{"(d)", host, []Sensor{Deception, Egress}, true, AttackersHostWanted, event.High, "Program wants to reach an attacker's host: evil.example"},
		{"(a) sent", secret, []Sensor{Egress, Leak}, true, LeakedSecretInUse, event.Critical, "Leaked secret in use"},
		{"(a) tried", secret, []Sensor{Deception}, true, LeakedSecretInUse, event.Critical, "Leaked secret in use"},
	} {
		for range 2 { // in both orders
			slices.Reverse(c.sensors)
			var all []Observation
			for _, s := range c.sensors {
				all = append(all, saw(c.key, s))
			}
			if got := Complete(c.key, c.sensors); got != c.complete {
				t.Errorf("%s: complete %t", c.name, got)
			}
			i, change := Open("i", all[0], noon, all[1:]...)
			if i.Join != c.join || i.Severity != c.severity || c.title != "" && i.Title != c.title || change.Kind != Opened || i.Observations != len(all) {
				t.Errorf("%s: %+v", c.name, i)
			}
		}
	}
}

// (b): what only a decky holds and is seen elsewhere was taken from there, whoever sees it.
func TestAPlantedSecretIsCriticalWhoeverSeesIt(t *testing.T) {
	for _, s := range []Sensor{Leak, Egress, Deception} {
		o := saw(Key{Secret, "v1:k:a"}, s)
		o.Planted, o.Waits = "/etc/ssh/ssh_host_rsa_key of decky web-1", s == Deception
		i, _ := Open("i", o, noon)
		if i.Join != PlantedSecretSeen || i.Severity != event.Critical || i.Title != "Planted secret seen: /etc/ssh/ssh_host_rsa_key of decky web-1" {
			t.Errorf("%s: %+v", s, i)
		}
		i.Observe(leaked(), noon)
		i.Observe(used(), noon)
		if i.Join != PlantedSecretSeen {
			t.Errorf("%s: a weaker join calls it %+v", s, i)
		}
	}
}

func TestAHalfThatIsJoinedLaterIsTold(t *testing.T) {
	k := Key{Address, "203.0.113.9"}
	i, _ := Open("i", saw(k, Anomaly), noon, saw(k, Deception))
	if c := i.Observe(saw(k, Access), noon); c.Kind != Updated || i.Join != AttackerUsedKey || i.Severity != event.Critical {
		t.Errorf("%+v %+v", c, i)
	}
}

// Two incidents become one: the older that is not over, as grave as the graver, with
// what both saw; a split gives both back what is theirs. Of a part that was judged to be
// none, that is told then.
func TestMergeAndSplit(t *testing.T) {
	k := Key{Address, "203.0.113.9"}
	door, _ := Open("2", saw(k, Anomaly), noon, saw(k, Deception))
	secret, _ := Open("1", leaked(), noon)
	into, part, ok := Elder(door, secret)
	if !ok || into.ID != "1" || part.ID != "2" {
		t.Fatalf("%+v into %+v", part, into)
	}
	whole, gone := into.Merge(&part, "", noon.Add(time.Minute))
	if whole.Kind != Updated || gone.Kind != Closed || part.State != Resolved || part.MergedInto != "1" || part.Reason != "merged into 1" || into.Join != AnomalousAttacker ||
		into.Severity != event.High || into.Title != door.Title || !slices.Equal(into.Merged, []string{"2"}) {
		t.Errorf("%+v\n%+v\n%+v %+v", into, part, whole, gone)
	}
	shown := into.Whole([]Incident{part})
	if shown.Observations != 3 || !slices.Equal(shown.Sensors, []Sensor{Anomaly, Deception, Leak}) || shown.SourceIP != "203.0.113.9" {
		t.Errorf("%+v", shown)
	}
	if c := into.Through(&part, saw(k, Access), noon); c.Kind != Updated || into.Join != AttackerUsedKey || into.Severity != event.Critical || part.State != Resolved || part.Observations != 3 {
		t.Errorf("%+v\n%+v\n%+v", c, into, part)
	}
	if c := into.Through(&part, Observation{Key: k, Dismissed: "ada"}, noon); c.Kind != Counted || into.State != Triggered {
		t.Errorf("dismissing a part: %+v %+v", c, into)
	}
	if _, err := part.Do(Act{Verb: Reopen, By: "ada"}, noon); err == nil {
		t.Error("a part is reopened by itself")
	}
	into.Split(&part, "ada", noon)
	into.Relook(nil)
	if part.State != Ignored || part.MergedInto != "" || part.Reason != "false positive" || len(into.Merged) != 0 || into.Severity != event.High || into.Title != secret.Title {
		t.Errorf("%+v\n%+v", into, part)
	}
}

func TestWhichIncidentBecomesPartOfWhich(t *testing.T) {
	is := func(id string, s State, into string) Incident { return Incident{ID: id, State: s, MergedInto: into} }
	of := func(id, kind, redacted string) Incident {
		return Incident{ID: id, State: Triggered, Key: Key{Kind: kind}, Redacted: redacted}
	}
	for _, c := range []struct {
		name string
		a, b Incident
		into string // empty: they stay apart
	}{
		{"the younger", is("1", Triggered, ""), is("2", Acknowledged, ""), "1"},
		{"whichever is named first", is("2", Triggered, ""), is("1", Triggered, ""), "1"},
		{"the one that is over", is("1", Resolved, ""), is("2", Triggered, ""), "2"},
		{"both over", is("1", Resolved, ""), is("2", Resolved, ""), "1"},
		{"one that is none", is("1", Ignored, ""), is("2", Triggered, ""), ""},
		{"one that is a part already", is("1", Triggered, ""), is("2", Resolved, "3"), ""},
		{"a secret that one has to know", of("1", Secret, "ghp_****xyz"), of("2", Address, ""), "1"},
		{"a password that everybody tries", of("1", Secret, "****"), of("2", Address, ""), ""},
		{"an address of those who try it", of("1", Address, ""), of("2", Secret, "****"), ""},
		{"itself", is("1", Triggered, ""), is("1", Triggered, ""), ""},
	} {
		into, _, ok := Elder(c.a, c.b)
		if ok != (c.into != "") || ok && into.ID != c.into {
			t.Errorf("%s: %+v, %t", c.name, into, ok)
		}
	}
}

// Whatever sensors see in whatever order: who saw something is in the incident, the
// join is the strongest that holds, and it never gets weaker.
func TestJoinsNeverWeaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := Key{Address, "203.0.113.9"}
		pick := rapid.SampledFrom([]Sensor{Anomaly, Access, Deception})
		i, _ := Open("i", saw(k, pick.Draw(t, "first")), noon)
		for range rapid.IntRange(0, 9).Draw(t, "more") {
			before := i
			i.Observe(saw(k, pick.Draw(t, "sensor")), noon)
			if rank(i.Join) > rank(before.Join) || i.Severity < before.Severity {
				t.Fatalf("%+v became %+v", before, i)
			}
		}
		if joined := i.Join != ""; joined != Complete(k, i.Sensors) {
			t.Fatalf("%+v", i)
		}
	})
}
