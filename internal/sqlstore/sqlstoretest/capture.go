package sqlstoretest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func captureScenarios() []scenario {
	return []scenario{
		{"what was captured comes back, with its events", testCaptured},
		{"a batch that comes again changes nothing", testCapturedAgain},
		{"a batch that fails leaves nothing", testCapturedFails},
		{"lists are filtered and paged", testCapturedLists},
		{"hostile texts are stored", testCapturedTexts},
		{"a session is as it is after the newest batch", testSessionUpdates},
		{"sessions of an earlier run are ended", testAbandon},
		{"attempts are counted by credential", testAttempts},
		{"of a secret that the leak sensor knows only the fingerprint is kept", testLeakedCredential},
		{"a secret that was tried before it was found is in use, too", testTriedBeforeFound},
		{"a transcript is paged by byte, and each page is audited", testTranscript},
		{"what was revealed is audited, or it is not shown", testReveal},
		{"what is old goes, what is young stays", testDropCaptured},
	}
}

// taped is what was captured in a database, with a real seal.
type taped struct {
	*sqlstore.Capture
	sealer *capture.Sealer
}

// noBlobs is a node without files.
type noBlobs struct{}

func (noBlobs) Read(string, string) ([]byte, error) { return nil, capture.ErrNoData }

func newTape(t testing.TB, s *store.Store) taped {
	t.Helper()
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{7}, redact.KeySize))
	must(t, err)
	sealer, err := capture.NewSealer(ring)
	must(t, err)
	return taped{sqlstore.NewCapture(s, sealer, noBlobs{}), sealer}
}

func (c taped) keep(t testing.TB, b capture.Batch) {
	t.Helper()
	if b.ID == "" {
		b.ID = id.New()
	}
	b.Node = "n1"
	must(t, c.Capture.Capture(storetest.Context(t), b))
}

// newEntry is what a client did in a session, with its event.
func newEntry(t testing.TB, n int, session, decky string) capture.Entry {
	t.Helper()
	l := capture.Log{
		ID: id.New(), Timestamp: noon.Add(time.Duration(n) * time.Second), Node: "n1", Decky: decky, Service: "ssh", EventType: "command",
		AttackerIP: "203.0.113.9", Session: session, Number: uint64(n), Summary: fmt.Sprint("command ", n),
	}
	e, err := event.New(event.Header{Time: l.Timestamp, Source: "n1/deception"}, event.DeckyTraffic{Contact: event.Contact{
		Decky: decky, Service: l.Service, SourceIP: l.AttackerIP, Session: session, OccurredAt: l.Timestamp,
	}, Type: l.EventType, Number: l.Number, Interaction: true, Summary: l.Summary})
	must(t, err)
	e.ID = l.ID
	return capture.Entry{Log: l, Event: e}
}

func newVisit(session, decky string) capture.Session {
	return capture.Session{
		ID: session, Node: "n1", Decky: decky, Service: "ssh", AttackerIP: "203.0.113.9", AttackerPort: 40022, Local: "192.0.2.7:22",
		StartedAt: noon, SeenAt: noon.Add(time.Minute), Observations: 3, Attempts: 2, Commands: 1, LoggedIn: true, Interacted: true,
		Principal: "root", Banner: "SSH-2.0-Go",
	}
}

func newLoot(session, log string) capture.Artifact {
	return capture.Artifact{
		ID: id.New(), Timestamp: noon, Node: "n1", Decky: "web-1", Service: "ssh", AttackerIP: "203.0.113.9", Session: session, LogID: log, Kind: "upload",
		MediaType: "text/plain", Path: "/tmp/x", SHA256: strings.Repeat("ab", 32), Day: "2026-03-01", Size: 9, Kept: 9,
	}
}

func (c taped) logs(t testing.TB, f capture.LogFilter, before string, limit int) []capture.Log {
	t.Helper()
	out, err := c.Logs(storetest.Context(t), f, before, limit)
	must(t, err)
	return out
}

func testCaptured(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, session := newTape(t, s), id.New()
	e, v := newEntry(t, 1, session, "web-1"), newVisit(session, "web-1")
	loot := newLoot(session, e.ID)
	c.keep(t, capture.Batch{Entries: []capture.Entry{e}, Sessions: []capture.Session{v}, Artifacts: []capture.Artifact{loot}})
	same(t, "logs", []capture.Log{e.Log}, c.logs(t, capture.LogFilter{}, "", 10))
	ctx := storetest.Context(t)
	got, err := c.Session(ctx, session)
	must(t, err)
	same(t, "session", v, got)
	all, err := c.Artifacts(ctx, capture.ArtifactFilter{SHA256: loot.SHA256}, "", 10)
	must(t, err)
	same(t, "artifacts", []capture.Artifact{loot}, all)
	found, err := c.FindArtifact(ctx, "web-1", "ssh", loot.StoredAs())
	must(t, err)
	same(t, "the artifact of a name", loot, found)
	if es := events(t, s); len(es) != 1 || es[0].ID != e.ID {
		t.Errorf("events %+v", es)
	}
	if _, err := c.Session(ctx, "nobody"); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("a session that there is not: %v", err)
	}
	if _, err := c.FindArtifact(ctx, "web-1", "ssh", "../../etc/passwd"); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("a name that is none: %v", err)
	}
}

func testCapturedAgain(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, session := newTape(t, s), id.New()
	b := capture.Batch{ID: id.New(), Entries: []capture.Entry{newEntry(t, 1, session, "web-1")}, Attempts: []capture.Attempt{newAttempt(c, "a", "hunter2")}}
	for range 3 {
		c.keep(t, b)
	}
	same(t, "logs", 1, len(c.logs(t, capture.LogFilter{}, "", 10)))
	all, err := c.Credentials(storetest.Context(t), capture.CredentialFilter{}, "", 10)
	must(t, err)
	same(t, "attempts", 1, all[0].Attempts)
	same(t, "events", 2, len(events(t, s)))
}

func testCapturedFails(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, e := newTape(t, s), newEntry(t, 1, id.New(), "web-1")
	bad := newEntry(t, 2, e.Session, "web-1")
	bad.Event.Topic = "not a topic"
	b := capture.Batch{ID: id.New(), Entries: []capture.Entry{e, bad}}
	if err := c.Capture.Capture(storetest.Context(t), b); err == nil {
		t.Fatal("an event without a topic was stored")
	}
	same(t, "logs", 0, len(c.logs(t, capture.LogFilter{}, "", 10)))
	b.Entries = b.Entries[:1]
	c.keep(t, b) // the batch is not known
	same(t, "logs", 1, len(c.logs(t, capture.LogFilter{}, "", 10)))
}

func testCapturedLists(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, one, two := newTape(t, s), id.New(), id.New()
	es := []capture.Entry{newEntry(t, 1, one, "web-1"), newEntry(t, 2, two, "db-1"), newEntry(t, 3, two, "db-1")}
	es[2].EventType, es[2].Service = "query", "redis"
	v, w := newVisit(one, "web-1"), newVisit(two, "db-1")
	w.Transcript = 9
	c.keep(t, capture.Batch{Entries: es, Sessions: []capture.Session{v, w}})
	logs := []capture.Log{es[2].Log, es[1].Log, es[0].Log}
	for name, q := range map[string]struct {
		filter capture.LogFilter
		before string
		limit  int
		want   []capture.Log
	}{
		"all, newest first":  {limit: 9, want: logs},
		"a page":             {limit: 2, want: logs[:2]},
		"the page behind it": {limit: 2, before: logs[1].ID, want: logs[2:]},
		"by session":         {filter: capture.LogFilter{Session: two}, limit: 9, want: logs[:2]},
		"by decky":           {filter: capture.LogFilter{Decky: "web-1"}, limit: 9, want: logs[2:]},
		"by service":         {filter: capture.LogFilter{Service: "ssh"}, limit: 9, want: logs[1:]},
		"a page by service":  {filter: capture.LogFilter{Service: "ssh"}, before: logs[1].ID, limit: 1, want: logs[2:]},
		"by type":            {filter: capture.LogFilter{EventType: "command"}, limit: 9, want: logs[1:]},
		"by no such type":    {filter: capture.LogFilter{EventType: "x"}, limit: 9, want: []capture.Log{}},
		"by no such service": {filter: capture.LogFilter{Service: "x"}, limit: 9, want: []capture.Log{}},
		"by two things":      {filter: capture.LogFilter{Service: "redis", EventType: "query"}, limit: 9, want: logs[:1]},
		"by attacker":        {filter: capture.LogFilter{AttackerIP: "198.51.100.1"}, limit: 9, want: []capture.Log{}},
	} {
		same(t, name, q.want, c.logs(t, q.filter, q.before, q.limit))
	}
	for name, q := range map[string]struct {
		filter capture.SessionFilter
		want   []capture.Session
	}{"all": {want: []capture.Session{w, v}}, "recorded": {capture.SessionFilter{Recorded: true}, []capture.Session{w}}, "of a decky": {capture.SessionFilter{Decky: "web-1"}, []capture.Session{v}}} {
		got, err := c.Sessions(storetest.Context(t), q.filter, "", 9)
		must(t, err)
		same(t, "sessions: "+name, q.want, got)
	}
}

func testCapturedTexts(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, e := newTape(t, s), newEntry(t, 1, id.New(), "web-1")
	e.Summary, e.Sealed = hostile, []byte{0, 0xff, '\''}
	v := newVisit(e.Session, "web-1")
	v.Banner, v.Principal, v.EndReason = hostile, hostile, hostile
	c.keep(t, capture.Batch{Entries: []capture.Entry{e}, Sessions: []capture.Session{v}})
	e.Log.Summary, e.HasMore = fitted, true
	same(t, "logs", []capture.Log{e.Log}, c.logs(t, capture.LogFilter{}, "", 9))
	got, err := c.Session(storetest.Context(t), e.Session)
	must(t, err)
	same(t, "banner", fitted, got.Banner)
}

func testSessionUpdates(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	v := newVisit(id.New(), "web-1")
	c.keep(t, capture.Batch{Sessions: []capture.Session{v, newVisit(id.New(), "web-2")}})
	v.Commands, v.EndedAt, v.EndReason, v.Dropped = 7, ptr(noon.Add(time.Hour)), "left", 3
	c.keep(t, capture.Batch{Sessions: []capture.Session{v}})
	got, err := c.Session(storetest.Context(t), v.ID)
	must(t, err)
	same(t, "session", v, got)
}

func testAbandon(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	old, young, other := newVisit(id.New(), "web-1"), newVisit(id.New(), "web-1"), newVisit(id.New(), "web-1")
	young.StartedAt, other.Node = noon.Add(time.Hour), "n2"
	c.keep(t, capture.Batch{Sessions: []capture.Session{old, young, other}})
	must(t, c.Abandon(storetest.Context(t), "n1", noon.Add(time.Minute)))
	for _, want := range []struct {
		session capture.Session
		ended   bool
	}{{old, true}, {young, false}, {other, false}} {
		got, err := c.Session(storetest.Context(t), want.session.ID)
		must(t, err)
		if (got.EndedAt != nil) != want.ended || want.ended && !got.EndedAt.Equal(old.SeenAt) {
			t.Errorf("%+v", got)
		}
	}
}

// newAttempt is a try of a plaintext secret by a principal.
func newAttempt(c taped, principal, secret string) capture.Attempt {
	a := capture.Attempt{Credential: capture.Credential{
		ID: id.New(), Kind: service.Plaintext, Principal: principal, Fingerprint: "v1:k:" + secret, Decky: "web-1", Service: "ssh", AttackerIP: "203.0.113.9",
		Session: id.New(), Attempts: 1, FirstSeen: noon, LastSeen: noon,
	}, Node: "n1", Identity: "identity of " + principal + " " + secret, EventID: id.New()}
	a.Prints = []string{a.Fingerprint, "v1:old:" + secret}
	a.Sealed = c.sealer.Seal("credential:"+a.ID, []byte(`{"principal":"cm9vdA==","secret":"aHVudGVyMg=="}`))
	return a
}

func testAttempts(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	first := newAttempt(c, "root", "hunter2")
	c.keep(t, capture.Batch{Attempts: []capture.Attempt{first, newAttempt(c, "root", "other")}})
	again := newAttempt(c, "root", "hunter2")
	again.Attempts, again.Accepted, again.LastSeen = 3, true, noon.Add(time.Minute)
	c.keep(t, capture.Batch{Attempts: []capture.Attempt{again}})
	all, err := c.Credentials(storetest.Context(t), capture.CredentialFilter{Fingerprint: first.Fingerprint}, "", 10)
	must(t, err)
	want := first.Credential
	want.Attempts, want.Accepted, want.LastSeen, want.HasSecret = 4, true, noon.Add(time.Minute), true
	same(t, "credentials", []capture.Credential{want}, all)
	one, err := c.Credential(storetest.Context(t), first.ID)
	must(t, err)
	same(t, "the credential", want, one)
	if _, err := c.Credential(storetest.Context(t), id.New()); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("a credential that there is not: %v", err)
	}
	shown, err := c.Reveal(storetest.Context(t), first.ID, entry("credential.reveal"))
	must(t, err)
	same(t, "the secret", "hunter2", shown.Secret.Reveal())
	var told []event.CredentialCaptured
	for _, e := range events(t, s) {
		var p event.CredentialCaptured
		must(t, e.Decode(&p))
		told = append(told, p)
	}
	if len(told) != 3 || !told[0].First || told[2].First || told[2].Attempts != 4 || told[2].Tried != 3 || !told[2].Accepted || told[2].CredentialID != first.ID {
		t.Errorf("events %+v", told)
	}
}

// The secret may be known under a replaced key; it joins by that fingerprint.
func testLeakedCredential(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	before := newAttempt(c, "root", "early")
	c.keep(t, capture.Batch{Attempts: []capture.Attempt{before}})
	for n, print := range []string{"v1:k:known", "v1:old:replaced", "v1:k:early", "v1:k:digest"} {
		q := newQuarantine(uint64(n))
		q.Fingerprint = print
		seed(t, s, q)
	}
	known, replaced, early, digest := newAttempt(c, "root", "known"), newAttempt(c, "root", "replaced"), newAttempt(c, "root", "early"), newAttempt(c, "root", "digest")
	digest.Kind = service.HTTPDigest
	c.keep(t, capture.Batch{Attempts: []capture.Attempt{known, replaced, early, digest}})
	for _, want := range []struct {
		id, print string
		leaked    bool
	}{{known.ID, "v1:k:known", true}, {replaced.ID, "v1:old:replaced", true}, {before.ID, "v1:k:early", true}, {digest.ID, "v1:k:digest", false}} {
		all, err := c.Credentials(storetest.Context(t), capture.CredentialFilter{Fingerprint: want.print}, "", 9)
		must(t, err)
		if len(all) != 1 || all[0].ID != want.id || all[0].Leaked != want.leaked || all[0].HasSecret == want.leaked {
			t.Errorf("%s: %+v", want.print, all)
		}
		if _, err := c.Reveal(storetest.Context(t), want.id, entry("credential.reveal")); errors.Is(err, capture.ErrNoSecret) != want.leaked {
			t.Errorf("%s: revealed, %v", want.print, err)
		}
	}
	for _, e := range events(t, s) {
		var p event.CredentialCaptured
		if e.Topic == event.TopicCredentialCaptured {
			must(t, e.Decode(&p))
			if p.Leaked != (e.Severity == event.Critical) || p.CredentialID == replaced.ID && p.Fingerprint != "v1:old:replaced" {
				t.Errorf("%v: %+v", e.Severity, p)
			}
		}
	}
}
