package attacker

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/event"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func seen(what string) Observation {
	return Observation{EventID: "e", At: noon, Address: netip.MustParseAddr("203.0.113.9"), Decky: "web-1", Service: "ssh", Session: "s", Type: what, Times: 1}
}

func eventOf(t testing.TB, p event.Payload) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: noon, Source: "n/deception"}, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestObservationsOfEvents(t *testing.T) {
	c := event.Contact{Decky: "web-1", Service: "ssh", SourceIP: "::ffff:203.0.113.9", Session: "s", OccurredAt: noon}
	claim, secret := seen("request"), seen("login_attempt")
	claim.Claimed, claim.ClaimedBy = "198.51.100.7", "X-Real-IP"
	used := seen("command")
	used.Interaction = true
	secret.Times, secret.Secret = 3, &Secret{Fingerprint: "v1:k:a", Kind: "plaintext", Leaked: true}
	for _, tt := range []struct {
		name string
		says event.Payload
		want []Observation
	}{
		{"a connection", event.SessionStarted{Contact: c}, []Observation{seen("connected")}},
		{"a command", event.DeckyTraffic{Contact: c, Type: "command", Interaction: true}, []Observation{used}},
		{"a request behind a proxy", event.DeckyTraffic{Contact: c, Type: "request", ClaimedIP: "198.51.100.7", ClaimedBy: "X-Real-IP"}, []Observation{claim}},
		{"a login, of which its credential tells", event.DeckyTraffic{Contact: c, Type: "login_attempt"}, nil},
		{"a credential", event.CredentialCaptured{Contact: c, Kind: "plaintext", Fingerprint: "v1:k:a", Leaked: true, First: true, Tried: 3}, []Observation{secret}},
		{"an end", event.SessionEnded{Contact: c}, nil},
		{"something else", event.BusHealth{Kind: "memory"}, nil},
	} {
		e := eventOf(t, tt.says)
		o, ok, err := Observe(e)
		var got []Observation
		if ok {
			got = append(got, o)
		}
		for i := range tt.want {
			tt.want[i].EventID = e.ID
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
	for name, e := range map[string]event.Event{
		"no JSON": {Topic: event.TopicSessionStarted, Data: []byte("[]")}, "no address": eventOf(t, event.SessionStarted{}),
		"no traffic": {Topic: "decky.a.traffic", Data: []byte("[]")}, "no credential": {Topic: event.TopicCredentialCaptured, Data: []byte("1")},
	} {
		if _, ok, err := Observe(e); ok || err == nil {
			t.Errorf("%s: read, %v", name, err)
		}
	}
}

// ATK-01, ATK-02: a port scanner looks at much and uses nothing.
func TestWhatWasTouchedIsCounted(t *testing.T) {
	a := Begin(seen(connected))
	a.Take(seen(connected), News{Decky: true, Service: true})
	a.Take(seen("client_hello"), News{})
	next := seen("command")
	next.At, next.Interaction = noon.Add(36*time.Hour), true
	a.Take(next, News{Decky: true, Service: true, Interaction: true})
	want := Attacker{
		ID: event.AttackerID(a.Address), Address: a.Address, FirstSeen: noon, LastSeen: next.At, LastDay: "2026-11-24", Days: 2, Sessions: 1, Deckies: 2,
		Services: 2, Interacted: 1, Acts: map[string]int{"connected": 1, "client_hello": 1, "command": 1}, Score: 6 + 5 + 3 + 3 + 2,
	}
	if diff := cmp.Diff(want, a, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAScoreIsExplained(t *testing.T) {
	a := Attacker{Services: 3, Interacted: 1, Logins: 1, Deckies: 2, Days: 1, Acts: map[string]int{"login_attempt": 4, "command": 14, "upload": 1}}
	want := []Term{
		{"uploads", 20, "left 1 file"}, {"logged_in", 15, "was let in 1 time"}, {"commands", 12, "gave 14 commands and queries"},
		{"spread", 5, "went on to 1 other decky"}, {"attempts", 4, "tried to log in 4 times"}, {"interacted", 3, "used 1 kind of service"},
		{"scanned", 2, "looked at 3 kinds of services"},
	}
	if diff := cmp.Diff(want, a.Terms()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Whatever somebody does: his score is the sum of its reasons, up to 100, it never
// shrinks, and each threshold is told once.
func TestScoresGrowAndThresholdsAreToldOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Begin(seen(connected))
		told := map[int]int{}
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			o := seen(rapid.SampledFrom([]string{connected, "login_attempt", "logged_in", "command", "upload", "fetch", "request", "query", "forward", "download"}).Draw(t, "act"))
			o.Times, o.Interaction = rapid.IntRange(1, 9).Draw(t, "times"), rapid.Bool().Draw(t, "interaction")
			o.At = noon.Add(time.Duration(rapid.IntRange(-50, 50).Draw(t, "hours")) * time.Hour)
			if o.Type == attempt {
				o.Secret = &Secret{Leaked: rapid.IntRange(0, 9).Draw(t, "leaked") == 0}
			}
			before := a.Score
			a.Take(o, News{Decky: rapid.Bool().Draw(t, "decky"), Service: rapid.Bool().Draw(t, "service"), Interaction: o.Interaction, Claim: rapid.Bool().Draw(t, "claim")})
			sum := 0
			for _, term := range a.Terms() {
				if term.Points <= 0 || term.Why == "" {
					t.Fatalf("%+v", term)
				}
				sum += term.Points
			}
			if a.Score < before || a.Score != min(sum, 100) {
				t.Fatalf("score %d after %d, terms give %d", a.Score, before, sum)
			}
			events, err := a.Crossed(before, "n/attacker", noon)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				var p event.AttackerScored
				if err := e.Decode(&p); err != nil || p.Score != a.Score || p.Score < p.Threshold || len(p.Terms) == 0 {
					t.Fatalf("%+v, %v", p, err)
				}
				told[p.Threshold]++
			}
		}
		for _, threshold := range Thresholds() {
			if want := map[bool]int{true: 1}[a.Score >= threshold]; told[threshold] != want {
				t.Fatalf("%d is told %d times with a score of %d", threshold, told[threshold], a.Score)
			}
		}
	})
}

func TestALeakedSecretAloneIsGrave(t *testing.T) {
	a := Begin(seen(connected))
	o := seen(attempt)
	o.Secret = &Secret{Fingerprint: "v1:k:a", Kind: "plaintext", Leaked: true}
	a.Take(o, News{Decky: true, Service: true})
	events, err := a.Crossed(0, "n", noon)
	if err != nil || len(events) != 2 || events[1].Severity != event.Medium || !strings.Contains(string(events[0].Data), `"leaked_secret"`) {
		t.Errorf("score %d, %d events, %v", a.Score, len(events), err)
	}
}

// CRU: what answers a challenge is another value each time; it is never compared.
func TestOnlyPlaintextJoins(t *testing.T) {
	for kind, want := range map[string]bool{"plaintext": true, "postgres_md5_challenge": false, "postgres_scram_proof": false, "http_digest": false, "ssh_public_key": false} {
		o := seen(attempt)
		o.Secret = &Secret{Fingerprint: "v1:k:a", Kind: kind}
		if o.Joins() != want {
			t.Errorf("%s joins: %t", kind, o.Joins())
		}
	}
	if seen("command").Joins() {
		t.Error("a command joins")
	}
	for _, tt := range []struct {
		targets, addresses int
		want               bool
	}{{1, 1, false}, {2, 1, true}, {1, 2, true}, {0, 0, false}} {
		if Reused(tt.targets, tt.addresses) != tt.want {
			t.Errorf("%+v", tt)
		}
	}
}

func TestTheWayThroughTheDeckies(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	until := func(minutes int) *time.Time { end := at(minutes); return &end }
	visits := []Visit{
		{"s4", "web-1", "http", at(30), nil},
		{"s1", "web-1", "http", at(0), until(1)},
		{"s3", "db-1", "redis", at(10), until(20)},
		{"s2", "web-1", "ssh", at(0), until(9)},
		{"s5", "web-1", "ssh", at(31), until(32)},
	}
	want := []Hop{
		{"web-1", []string{"http", "ssh"}, []string{"s1", "s2"}, at(0), until(9)},
		{"db-1", []string{"redis"}, []string{"s3"}, at(10), until(20)},
		{"web-1", []string{"http", "ssh"}, []string{"s4", "s5"}, at(30), nil},
	}
	if diff := cmp.Diff(want, Traverse(visits, nil)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if Traverse(nil, nil) != nil {
		t.Error("nobody goes somewhere")
	}
}

// A decky that mutated between two sessions is another host: two stays.
func TestAMutationEndsAStay(t *testing.T) {
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	visits := []Visit{{Session: "a", Decky: "web-1", StartedAt: at(0)}, {Session: "b", Decky: "web-1", StartedAt: at(2)}, {Session: "c", Decky: "web-1", StartedAt: at(4)}}
	for name, tt := range map[string]struct {
		mutation Mutation
		want     int
	}{
		"between two sessions":  {Mutation{Decky: "web-1", At: at(1)}, 2},
		"before all":            {Mutation{Decky: "web-1", At: at(-1)}, 1},
		"after all":             {Mutation{Decky: "web-1", At: at(5)}, 1},
		"that of another decky": {Mutation{Decky: "db-1", At: at(1)}, 1},
	} {
		if got := Traverse(visits, []Mutation{tt.mutation}); len(got) != tt.want {
			t.Errorf("%s: %d stays, want %d", name, len(got), tt.want)
		}
	}
}

// LEAK: an address gives somebody away when it is another than his, and when no
// proxy of ours says so.
func TestWhatGivesAway(t *testing.T) {
	r := &Reactor{Deps{Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	for _, tt := range []struct {
		from, claimed string
		want          bool
	}{
		{"203.0.113.9", "198.51.100.7", true}, {"203.0.113.9", "203.0.113.9", false}, {"203.0.113.9", "::ffff:203.0.113.9", false},
		{"192.0.2.1", "198.51.100.7", false}, {"203.0.113.9", "unknown", false}, {"203.0.113.9", "", false}, {"2001:db8::1", "198.51.100.7", true},
	} {
		o := seen("request")
		o.Address, o.Claimed, o.ClaimedBy = netip.MustParseAddr(tt.from), tt.claimed, "Forwarded"
		if got := r.judge(o); (got.Claimed != "") != tt.want || (got.ClaimedBy != "") != tt.want {
			t.Errorf("%s says %s: %+v", tt.from, tt.claimed, got)
		}
	}
}
