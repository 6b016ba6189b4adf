package incident

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// What is worth nothing by itself, and by what it waits for the other half.
func TestHalvesOfEvents(t *testing.T) {
	at := event.Contact{Decky: "web-3", Service: "ssh", SourceIP: "203.0.113.9"}
	six := at
	six.SourceIP = "2001:db8:0:1:2:3:4:5"
	denied := event.Connection{Host: "Paste.Example.", Port: 443, Program: "/usr/bin/curl", SourceIP: "127.0.0.1"}
	watched, free, unnamed := denied, denied, denied
	watched.Would, watched.Program = "deny", ""
	unnamed.Host = ""
	spray := event.AnomalyDetected{Kind: "brute_force", KeyKind: "user", Key: "root", User: "root", Count: 10, State: event.AnomalyOpened}
	force := spray
	force.KeyKind, force.Key, force.SourceIP = "ip", "203.0.113.9", "203.0.113.9"
	over := force
	over.State = event.AnomalyClosed
	for _, c := range []struct {
		name    string
		payload event.Payload
		want    []string
	}{
		{"a decky is touched", event.SessionStarted{Contact: at}, []string{"address 203.0.113.9 deception: 203.0.113.9 connected to decky web-3 (ssh)"}},
		{"by IPv6", event.SessionStarted{Contact: six}, []string{"address 2001:db8:0:1::/64 deception: 2001:db8:0:1:2:3:4:5 connected to decky web-3 (ssh)"}},
		{"by the machine itself", event.SessionStarted{Contact: event.Contact{SourceIP: "127.0.0.1"}}, nil},
		{"from nowhere", event.SessionStarted{}, nil},
		{"a key is used over the socket", event.KeyUsed{Key: "ci"}, nil},
		{"a key is used", event.KeyUsed{Key: "ci", Role: "viewer", SourceIP: "203.0.113.9"}, []string{`address 203.0.113.9 access: 203.0.113.9 used the API key "ci", which may do what a viewer may`}},
		{"a program is kept in", event.ConnectionDenied{Connection: denied}, []string{"host paste.example egress: /usr/bin/curl wanted to reach Paste.Example.:443: refused"}},
		{"it is only watched", event.ConnectionAllowed{Connection: watched}, []string{"host paste.example egress: a program wanted to reach Paste.Example.:443: only watched, so it could"}},
		{"it may go there", event.ConnectionAllowed{Connection: free}, nil},
		{"a host is not on record", event.ConnectionDenied{Connection: unnamed}, nil},
		{"hosts are named", event.DeckyTraffic{Contact: at, Type: "fetch", Hosts: []string{"EVIL.example", "198.51.100.7", "localhost", "127.0.0.1", ""}}, []string{
			"host evil.example deception: 203.0.113.9 named evil.example on decky web-3 (ssh)", "host 198.51.100.7 deception: 203.0.113.9 named 198.51.100.7 on decky web-3 (ssh)"}},
		{"none is", event.DeckyTraffic{Contact: at, Type: "command"}, nil},
		{"a brute force", force, []string{`address 203.0.113.9 anomaly: brute_force: 203.0.113.9, 10 times, last as "root"`}},
		{"it is over", over, nil},
		{"one without an address", spray, nil},
	} {
		e, err := event.New(event.Header{Time: noon, Source: "n/x", Severity: event.Low}, c.payload)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Observations(e)
		var got []string
		for _, o := range all {
			got = append(got, o.Key.Kind+" "+o.Key.Value+" "+string(o.Sensor)+": "+o.Summary)
			if o.EventID != e.ID || o.Place == "" || o.SourceIP == "" {
				t.Errorf("%s: %+v", c.name, o)
			}
		}
		if err != nil || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// An anomaly of a log that comes late is as old as what was logged, and never ahead.
func TestAnAnomalyIsSeenWhenItWas(t *testing.T) {
	for _, c := range []struct{ occurred, want time.Time }{
		{time.Time{}, noon}, {noon.AddDate(0, 0, -30), noon.AddDate(0, 0, -30)}, {noon.AddDate(0, 0, 1), noon},
	} {
		p := event.AnomalyDetected{Kind: "brute_force", KeyKind: "ip", Key: "203.0.113.9", SourceIP: "203.0.113.9", State: event.AnomalyOpened, OccurredAt: c.occurred}
		e, err := event.New(event.Header{Time: noon, Source: "n/x", Severity: event.High}, p)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := Observations(e); err != nil || len(all) != 1 || !all[0].At.Equal(c.want) {
			t.Errorf("occurred %v: %+v, %v", c.occurred, all, err)
		}
	}
}

// A secret that was tried on a decky and that the leak sensor does not know is for the
// store to judge: it may be one that a decky holds. What answers a challenge is not.
func TestATriedSecretMayBePlanted(t *testing.T) {
	p := event.CredentialCaptured{Contact: event.Contact{Decky: "web-3", Service: "ssh", SourceIP: "203.0.113.9"}, Fingerprint: "v1:k:a", Kind: "plaintext", Principal: "root"}
	e, err := event.New(event.Header{Time: noon, Source: "n/x"}, p)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Observations(e)
	if err != nil || len(all) != 1 || !all[0].Waits || !strings.Contains(all[0].Summary, "tried a planted secret") {
		t.Errorf("%+v, %v", all, err)
	}
	p.Kind = "http_digest"
	if e, err = event.New(event.Header{Time: noon, Source: "n/x"}, p); err != nil {
		t.Fatal(err)
	}
	if all, err := Observations(e); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// Whatever somebody calls a host or an address: two spellings of one thing are one key,
// and a key is as short as a name can be.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"203.0.113.9", "::ffff:203.0.113.9", "[2001:db8::1%eth0]", "EVIL.example.", "localhost", "a b.c", strings.Repeat("a.", 200), "\x00.x", "ϰ.x", "ſ.x", "İ.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if k, ok := HostKey(s); ok {
			again, still := HostKey(strings.ToUpper(k.Value) + ".")
			if len(k.Value) > mostHost || strings.ContainsAny(k.Value, " \n\x00") || still && again != k {
				t.Errorf("%q is %+v, then %+v", s, k, again)
			}
		}
		if k, ok := AddressKey(s); ok && (k.Kind != Address || len(k.Value) > 43) {
			t.Errorf("%q is %+v", s, k)
		}
	})
}
