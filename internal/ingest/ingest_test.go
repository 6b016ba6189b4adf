package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/ingest/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("the store is down")

// log is a Log that can be down.
type log struct {
	mu     sync.Mutex
	down   bool
	hang   chan struct{} // if not nil, calls wait until it is closed
	events []event.Event
}

func (l *log) Ingest(_ context.Context, events []event.Event) error {
	if l.hang != nil {
		<-l.hang
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return errDown
	}
	for _, e := range events {
		if !slices.ContainsFunc(l.events, func(o event.Event) bool { return o.ID == e.ID }) {
			l.events = append(l.events, e)
		}
	}
	return nil
}

func (l *log) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

func (l *log) ids() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		out = append(out, e.ID)
	}
	return out
}

// secret is what no text may hold; the redaction of these tests knows it.
func secret() string { return "TOK" + "-" + "1234567890abcdef" }

func redact(text string) string { return strings.ReplaceAll(text, secret(), "TOK****") }

func intake(t *testing.T, l *log, dir string) *Intake {
	t.Helper()
	i, err := Open(Deps{Log: l, Redact: redact, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	i.pause = time.Millisecond
	return i
}

// run runs an intake until the returned function is called.
func run(t *testing.T, i *Intake) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		i.Close()
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// example is an event of the catalogue, as another process sends it.
func example(t testing.TB, name string) event.Event {
	t.Helper()
	for _, entry := range event.Catalogue() {
		if entry.Name == name {
			e, err := event.New(event.Header{Time: time.Now(), Source: "gate-1/gossip", Severity: event.High, Subject: entry.Subject}, entry.Example)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
	}
	t.Fatalf("no event %s", name)
	return event.Event{}
}

func batchOf(t testing.TB, n int) []event.Event {
	var out []event.Event
	for range n {
		out = append(out, example(t, "MessageQuarantined"))
	}
	return out
}

func TestABatchIsStored(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	batch := []event.Event{example(t, "FindingDetected"), example(t, "MessageQuarantined"), example(t, "SourceStateChanged")}
	for range 2 {
		spooled, err := i.Take(t.Context(), "", batch)
		if err != nil || spooled {
			t.Fatal(spooled, err)
		}
	}
	if got := l.ids(); len(got) != 3 || got[0] != batch[0].ID {
		t.Errorf("stored %v", got)
	}
	for n, e := range l.events {
		if string(e.Data) != string(batch[n].Data) || e.Topic != batch[n].Topic || !e.Time.Equal(batch[n].Time) {
			t.Errorf("%s became %s", batch[n].Data, e.Data)
		}
	}
}

// While the store is away, events wait on disk, also over a restart, and are
// then stored in their order.
func TestEventsWaitForTheStore(t *testing.T) {
	l, dir := &log{down: true}, t.TempDir()
	i := intake(t, l, dir)
	stop := run(t, i)
	var want []string
	send := func(i *Intake, n int, mustSpool bool) {
		t.Helper()
		batch := batchOf(t, n)
		spooled, err := i.Take(t.Context(), "", batch)
		if err != nil || mustSpool && !spooled {
			t.Fatal(spooled, err)
		}
		for _, e := range batch {
			want = append(want, e.ID)
		}
	}
	send(i, 3, true)
	send(i, 1, true)
	stop()
	i = intake(t, l, dir)
	stop = run(t, i)
	defer stop()
	send(i, 2, true)
	l.set(false)
	send(i, 4, false) // behind what waits, or after it
	await(t, "all events", func() bool { return len(l.ids()) == len(want) })
	if got := l.ids(); !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	await(t, "an empty spool", func() bool { return i.Waiting() == 0 })
}

// A store that hangs is away: its events wait on disk, and are stored once
// though it stores them later, too.
func TestAStoreThatHangsIsAway(t *testing.T) {
	l := &log{hang: make(chan struct{})}
	i := intake(t, l, t.TempDir())
	i.patience = time.Millisecond
	batch := batchOf(t, 2)
	if spooled, err := i.Take(t.Context(), "", batch); err != nil || !spooled {
		t.Fatal(spooled, err)
	}
	close(l.hang)
	i.patience = time.Minute
	stop := run(t, i)
	defer stop()
	await(t, "an empty spool", func() bool { return i.Waiting() == 0 })
	if got := l.ids(); len(got) != 2 {
		t.Errorf("stored %v", got)
	}
}

func TestAFullSpoolRefuses(t *testing.T) {
	i, err := Open(Deps{Log: &log{down: true}, Redact: redact, Dir: t.TempDir(), Limits: spool.Limits{Total: 3000}})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	var last error
	for n := 0; last == nil && n < 10; n++ {
		_, last = i.Take(t.Context(), "", batchOf(t, 1))
	}
	if !errors.Is(last, spool.ErrFull) {
		t.Errorf("got %v", last)
	}
}

// No secret enters: not the store, not the spool, not an error.
func TestNoSecretEnters(t *testing.T) {
	for _, down := range []bool{false, true} {
		l, dir := &log{down: down}, t.TempDir()
		i := intake(t, l, dir)
		e := example(t, "MessageQuarantined")
		p := event.MessageQuarantined{}
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, field := range []*string{&p.Redacted, &p.RedactedContent, &p.MessageType, &p.From, &p.Recommendation, &p.MessageID, &e.Subject, &e.Source, &e.CorrelationID} {
			*field = "x " + secret()
		}
		e.Data, _ = json.Marshal(p)
		if _, err := i.Take(t.Context(), "", []event.Event{e}); err != nil {
			t.Fatal(err)
		}
		p.Disposition = secret()
		e.Topic = "leak." + secret()
		if _, err := i.Take(t.Context(), "", []event.Event{e}); err == nil || strings.Contains(err.Error(), secret()) {
			t.Errorf("refused with %v", err)
		}
		i.Close()
		text, _ := json.Marshal(l.events)
		names, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, b...)
		}
		if len(text) < 100 || strings.Contains(string(text), secret()) || strings.Count(string(text), "TOK****") != 9 {
			t.Errorf("kept %s", text)
		}
	}
}

func TestWhatIsWrongIsRefusedWhole(t *testing.T) {
	change := func(name, from, to string) func() event.Event {
		return func() event.Event {
			e := example(t, name)
			changed := strings.Replace(string(e.Data), from, to, 1)
			if changed == string(e.Data) {
				t.Fatalf("%s has no %s", e.Data, from)
			}
			e.Data = json.RawMessage(changed)
			return e
		}
	}
	envelope := func(f func(*event.Event)) func() event.Event {
		return func() event.Event { e := example(t, "FindingDetected"); f(&e); return e }
	}
	tests := map[string]struct {
		make func() event.Event
		want string
	}{
		"no id":               {envelope(func(e *event.Event) { e.ID = "" }), "event id"},
		"an id of a person":   {envelope(func(e *event.Event) { e.ID = "1" }), "event id"},
		"a topic of the node": {func() event.Event { return example(t, "WorkerBeat") }, "not one of those"},
		"an unknown topic":    {envelope(func(e *event.Event) { e.Topic = "leak.made.up" }), "not one of those"},
		"another topic's":     {envelope(func(e *event.Event) { e.Topic = event.TopicMessageQuarantined }), "does not have the fields"},
		"another schema":      {envelope(func(e *event.Event) { e.Schema = 2 }), "schema 2"},
		"no data":             {envelope(func(e *event.Event) { e.Data = nil }), "data is not JSON"},
		"a list":              {envelope(func(e *event.Event) { e.Data = json.RawMessage(`[]`) }), "does not have the fields"},
		"much data":           {envelope(func(e *event.Event) { e.Data = json.RawMessage(`"` + strings.Repeat("x", maxPayload) + `"`) }), "too large"},
		"an unknown field":    {change("FindingDetected", `{`, `{"secret":"x",`), "does not have the fields"},
		"a number as text":    {change("FindingDetected", `"confidence":0.98`, `"confidence":"1"`), "does not have the fields"},
		"confidence":          {change("FindingDetected", `0.98`, `1.98`), "confidence"},
		"fingerprint":         {change("FindingDetected", `"v1:`, `"v2:`), "fingerprint"},
		"rule":                {change("FindingDetected", `"rule":"`, `"rule":" `), "rule and secret_type"},
		"finding id":          {change("FindingDetected", `"finding_id":"0`, `"finding_id":"x`), "finding_id"},
		"core key":            {change("FindingDetected", `"core_key":"3f`, `"core_key":"xx`), "core_key"},
		"disposition":         {change("MessageQuarantined", `"observed"`, `"released"`), "disposition"},
		"hash":                {change("MessageQuarantined", `"full_content_hash":"v1`, `"full_content_hash":"sha256`), "full_content_hash"},
		"occurrences":         {change("MessageQuarantined", `"occurrences":1`, `"occurrences":0`), "occurrence"},
		"state":               {change("SourceStateChanged", `"live"`, `"lively"`), "state is not one of"},
		"source":              {change("SourceStateChanged", `"chat"`, `"a b"`), "source_id"},
		"a long text":         {change("MessageQuarantined", `"from":"`, `"from":"`+strings.Repeat("x", maxText)), "more than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := &log{}
			i := intake(t, l, t.TempDir())
			defer i.Close()
			e := tt.make()
			_, err := i.Take(t.Context(), "", []event.Event{example(t, "FindingDetected"), e})
			var refused *Refused
			if !errors.As(err, &refused) || refused.Index != 1 || !strings.Contains(refused.Why, tt.want) {
				t.Errorf("got %v", err)
			}
			if len(l.ids()) > 0 || i.Waiting() > 0 {
				t.Error("a part of the batch was taken")
			}
		})
	}
	i := intake(t, &log{}, t.TempDir())
	defer i.Close()
	for _, n := range []int{0, MaxEvents + 1} {
		var refused *Refused
		if _, err := i.Take(t.Context(), "", batchOf(t, n)); !errors.As(err, &refused) || refused.Index != -1 {
			t.Errorf("%d events: %v", n, err)
		}
	}
}

// A batch without ids is known by the sender's key for it.
func TestAKeyStandsForIDs(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	batch := batchOf(t, 3)
	for n := range batch {
		batch[n].ID = ""
	}
	for _, key := range []string{"api-key:gate a", "api-key:gate a", "api-key:gate b"} {
		if _, err := i.Take(t.Context(), key, batch); err != nil {
			t.Fatal(err)
		}
	}
	got := l.ids()
	if len(got) != 6 {
		t.Errorf("stored %d events, want 3 of each key", len(got))
	}
	for _, v := range got {
		if at, err := id.Time(v); err != nil || !at.Equal(batch[0].Time.Truncate(time.Millisecond)) && !at.Equal(batch[1].Time.Truncate(time.Millisecond)) && !at.Equal(batch[2].Time.Truncate(time.Millisecond)) {
			t.Errorf("id %s: %v, %v", v, at, err)
		}
	}
}

// What the catalogue has and what may come from outside fit together.
func TestWhatMayComeIsInTheCatalogue(t *testing.T) {
	var patterns []string
	for _, e := range event.Catalogue() {
		patterns = append(patterns, e.Pattern)
	}
	for _, p := range Topics() {
		if !slices.Contains(patterns, p) {
			t.Errorf("%s is in no catalogue", p)
		}
	}
}

func FuzzAccept(f *testing.F) {
	for _, name := range []string{"FindingDetected", "MessageQuarantined", "SourceStateChanged"} {
		e := example(f, name)
		f.Add(e.Topic, []byte(e.Data))
	}
	f.Fuzz(func(t *testing.T, topic string, data []byte) {
		e := event.Event{ID: id.New(), Topic: topic, Time: time.Now(), Source: "a/b", Severity: event.High, Schema: 1, Data: data}
		got, err := accept(e, redact)
		if err != nil {
			return
		}
		again, err := accept(got, redact)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(got) {
			t.Fatalf("%s became %s, %v", got.Data, again.Data, err)
		}
	})
}

// Nobody's clock puts an event into the future, where it would be the newest for ever.
func TestNoEventIsOfTheFuture(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	i.deps.Now = func() time.Time { return now }
	ahead, behind := example(t, "MessageQuarantined"), example(t, "MessageQuarantined")
	ahead.Time, behind.Time = now.AddDate(70, 0, 0), now.Add(-time.Hour)
	if _, err := i.Take(t.Context(), "", []event.Event{ahead, behind}); err != nil {
		t.Fatal(err)
	}
	if got := l.events; !got[0].Time.Equal(now) || !got[1].Time.Equal(behind.Time) {
		t.Errorf("stored as of %s and %s", got[0].Time, got[1].Time)
	}
}
