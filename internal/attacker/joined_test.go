package attacker_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house is a recorder of deckies and the two reactors behind it, on one real store.
type house struct {
	*capture.Recorder
	store     *store.Store
	ring      *redact.Keyring
	captured  *sqlstore.Capture
	attackers *sqlstore.Attackers
	incidents *sqlstore.Incidents
}

func newHouse(t testing.TB, told func([]event.Record)) *house {
	t.Helper()
	dir := t.TempDir()
	var wakes [2]chan struct{}
	for i := range wakes {
		wakes[i] = make(chan struct{}, 1)
	}
	s := storetest.Open(t, store.Options{URL: "sqlite:" + filepath.Join(dir, "cordon.db"), AfterCommit: func(all []event.Record) {
		for _, w := range wakes {
			select {
			case w <- struct{}{}:
			default:
			}
		}
		if told != nil {
			told(all)
		}
	}})
	h := &house{store: s, attackers: sqlstore.NewAttackers(s), incidents: sqlstore.NewIncidents(s)}
	var err error
	h.ring, err = redact.NewKeyring(bytes.Repeat([]byte{1}, redact.KeySize))
	must(t, err)
	sealer, err := capture.NewSealer(h.ring)
	must(t, err)
	blobs, err := capture.OpenBlobs(filepath.Join(dir, "evidence"), sealer)
	must(t, err)
	h.captured = sqlstore.NewCapture(s, sealer, blobs)
	h.Recorder, err = capture.New(capture.Deps{Store: h.captured, Ring: h.ring, Sealer: sealer, Blobs: blobs, Redact: func(s string) string { return s }, Node: "n1"})
	must(t, err)
	who, err := attacker.New(attacker.Deps{Store: h.attackers, Node: "n1/attacker", Wake: wakes[0]})
	must(t, err)
	what, err := incident.New(incident.Deps{Store: h.incidents, Node: "n1/incident", Wake: wakes[1]})
	must(t, err)
	h.run(t, h.Recorder.Run, who.Run, what.Run)
	return h
}

// run runs the parts until the test ends.
func (h *house) run(t testing.TB, parts ...func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() { ended <- part(ctx) }()
	}
	t.Cleanup(func() {
		cancel()
		for range parts {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// leaked has the leak sensor find a secret in a log.
func (h *house) leaked(t testing.TB, secret string) {
	t.Helper()
	print := h.ring.Fingerprint([]byte(secret))
	now := time.Now()
	q := leak.Quarantine{
		ID: id.New(), Timestamp: now, SourceID: "chat", MessageID: "m", Rule: "github-pat", SecretType: "GITHUB_TOKEN", Severity: event.High, Fingerprint: print, Disposition: leak.Observed,
	}
	f := leak.Finding{ID: id.New(), OccurredAt: now, SourceID: "chat", MessageID: "m", Rule: q.Rule, SecretType: q.SecretType, Severity: q.Severity, Fingerprint: print, QuarantineID: q.ID}
	header := event.Header{Time: now, Source: "n1/leak", Severity: event.High}
	place := event.Place{SourceID: "chat", MessageID: "m"}
	finding := event.Finding{Fingerprint: print, Rule: q.Rule, SecretType: q.SecretType}
	one, err := event.New(header, event.MessageQuarantined{Finding: finding, Place: place, QuarantineID: q.ID, Disposition: "observed"})
	must(t, err)
	two, err := event.New(header, event.FindingDetected{Finding: finding, Place: place, FindingID: f.ID})
	must(t, err)
	_, err = sqlstore.NewLeak(h.store).Commit(storetest.Context(t), leak.Commit{
		SourceID: "chat", Position: []byte(`1`), Metrics: leak.Tally{Day: now.UTC().Format(time.DateOnly)},
		Quarantine: []leak.Row[leak.Quarantine]{{Value: q, Event: one}}, Findings: []leak.Row[leak.Finding]{{Value: f, Event: two}},
	})
	must(t, err)
}

// try is a session in which a password is tried.
func (h *house) try(decky, kind, address, secret string) {
	s := service.NewSession(h.Recorder, clock.Real{}, decky, kind, netip.MustParseAddrPort(address+":40022"), netip.MustParseAddrPort("192.0.2.7:22"))
	s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte(secret)})
	s.End("left")
}

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// The reason why one fingerprint is everywhere: a secret that the leak sensor found
// in a log is tried on a decky, and that is one critical incident with both on its
// timeline. Of the secret nothing is kept but the fingerprint.
func TestALeakedSecretThatIsTriedOnADeckyIsOneIncident(t *testing.T) {
	h := newHouse(t, nil)
	secret := fmt.Sprint("ghp", "_", "0123456789abcdef0123456789abcdef0123")
	h.leaked(t, secret)
	h.try("web-3", "redis", "203.0.113.9", "a-password-that-nobody-knows")
	h.try("web-3", "redis", "203.0.113.9", secret)
	ctx := storetest.Context(t)
	var all []incident.Incident
	eventually(t, "the incident", func() bool {
		var err error
		all, err = h.incidents.ListIncidents(ctx, incident.Filter{}, "", 10)
		must(t, err)
		return len(all) > 0 && all[0].Join != ""
	})
	i := all[0]
	if len(all) != 1 || i.Join != incident.LeakedSecretInUse || i.Severity != event.Critical || i.SourceIP != "203.0.113.9" ||
		!slices.Equal(i.Sensors, []incident.Sensor{incident.Deception, incident.Leak}) || i.Title != "Leaked secret in use: GITHUB_TOKEN" {
		t.Errorf("incidents %+v", all)
	}
	lines, err := h.incidents.Timeline(ctx, i.ID, "", 10)
	if err != nil || len(lines) != 2 || lines[0].Sensor != incident.Deception || lines[0].Place != "decky web-3 (redis)" || lines[1].Sensor != incident.Leak {
		t.Errorf("timeline %+v, %v", lines, err)
	}
	known, err := h.captured.Credentials(ctx, capture.CredentialFilter{Fingerprint: i.Key.Value}, "", 10)
	if err != nil || len(known) != 1 || !known[0].Leaked || known[0].HasSecret {
		t.Errorf("credentials %+v, %v", known, err)
	}
	eventually(t, "his score", func() bool {
		a, err := h.attackers.Attacker(ctx, event.AttackerID(netip.MustParseAddr("203.0.113.9")))
		return err == nil && a.Leaked == 1 && a.Score >= 60
	})
}

// From a password that is tried to the event that it was tried elsewhere, everything
// in between included.
func BenchmarkReuseLatency(b *testing.B) {
	detected := make(chan struct{}, 16)
	h := newHouse(b, func(all []event.Record) {
		for _, r := range all {
			if r.Event.Topic == event.TopicReuseDetected {
				detected <- struct{}{}
			}
		}
	})
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		secret := fmt.Sprint("pw-", n)
		h.try("web-1", "ssh", "203.0.113.9", secret)
		eventually(b, "the first try", func() bool { return h.Stats().Stored == uint64(6*n+3) })
		began := time.Now()
		h.try("web-2", "ssh", "203.0.113.9", secret)
		<-detected
		took = append(took, time.Since(began))
		eventually(b, "all of it", func() bool { return h.Stats().Stored == uint64(6*n+6) })
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}
