package audit_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/audit"
)

func entry(n int) audit.Entry {
	return audit.Entry{
		ID: "id", Time: time.Date(2026, 3, 1, 12, 0, n, 0, time.UTC),
		Actor:  audit.Actor{Kind: "user", Name: "ada", Role: "admin", Addr: "192.0.2.7"},
		Action: "quarantine.review", Target: "q-1", Reason: "seen before",
		Before: json.RawMessage(`{"reviewed":false}`), After: json.RawMessage(`{"reviewed":true}`),
	}
}

// chain makes n records in a row.
func chain(n int) []audit.Record {
	records := make([]audit.Record, n)
	seq, hash := int64(0), audit.Genesis
	for i := range records {
		records[i] = audit.Chain(seq, hash, entry(i))
		seq, hash = records[i].Seq, records[i].Hash
	}
	return records
}

// verify walks a chain as a reader does.
func verify(records []audit.Record) error {
	seq, hash := int64(0), audit.Genesis
	for _, r := range records {
		if err := r.Check(seq, hash); err != nil {
			return err
		}
		seq, hash = r.Seq, r.Hash
	}
	return nil
}

func TestUntouchedChainHolds(t *testing.T) {
	if err := verify(chain(5)); err != nil {
		t.Error(err)
	}
}

// Whatever is done to the records in the middle of a chain shows.
func TestTamperingShows(t *testing.T) {
	for _, c := range []struct {
		name   string
		tamper func(rs []audit.Record) []audit.Record
		want   string
	}{
		{"removed", func(rs []audit.Record) []audit.Record { return append(rs[:2], rs[3:]...) }, "1 missing"},
		{"swapped", func(rs []audit.Record) []audit.Record { rs[2], rs[3] = rs[3], rs[2]; return rs }, "out of order"},
		{"doubled", func(rs []audit.Record) []audit.Record { rs[3] = rs[2]; return rs }, "out of order"},
		{"renumbered", func(rs []audit.Record) []audit.Record { rs[4].Seq = 4; return append(rs[:3], rs[4]) }, "does not name"},
		{"hash replaced", func(rs []audit.Record) []audit.Record { rs[2].Hash = rs[1].Hash; return rs }, "was changed"},
		{"remade", func(rs []audit.Record) []audit.Record { // with a fitting hash of its own: the next does not name it
			forged := entry(2)
			forged.Actor.Name = "mallory"
			rs[2] = audit.Chain(rs[1].Seq, rs[1].Hash, forged)
			return rs
		}, "does not name"},
		{"first removed", func(rs []audit.Record) []audit.Record { return rs[1:] }, "1 missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := verify(c.tamper(chain(5)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// Every field is under the hash.
func TestEveryFieldIsHashed(t *testing.T) {
	for name, change := range map[string]func(*audit.Record){
		"id":     func(r *audit.Record) { r.ID = "x" },
		"time":   func(r *audit.Record) { r.Time = r.Time.Add(time.Microsecond) },
		"kind":   func(r *audit.Record) { r.Actor.Kind = "x" },
		"name":   func(r *audit.Record) { r.Actor.Name = "x" },
		"role":   func(r *audit.Record) { r.Actor.Role = "x" },
		"addr":   func(r *audit.Record) { r.Actor.Addr = "x" },
		"action": func(r *audit.Record) { r.Action = "x" },
		"target": func(r *audit.Record) { r.Target = "x" },
		"reason": func(r *audit.Record) { r.Reason = "x" },
		"before": func(r *audit.Record) { r.Before = nil },
		"after":  func(r *audit.Record) { r.After = nil },
	} {
		r := audit.Chain(0, audit.Genesis, entry(0))
		change(&r)
		if r.Check(0, audit.Genesis) == nil {
			t.Errorf("a changed %s goes unnoticed", name)
		}
	}
}

// Text cannot move from one field to the next without changing the hash.
func TestFieldsDoNotRunTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		at, other := rapid.IntRange(0, len(text)).Draw(t, "at"), rapid.IntRange(0, len(text)).Draw(t, "other")
		a, b := entry(0), entry(0)
		a.Target, a.Reason = text[:at], text[at:]
		b.Target, b.Reason = text[:other], text[other:]
		same := audit.Chain(0, audit.Genesis, a).Hash == audit.Chain(0, audit.Genesis, b).Hash
		if same != (at == other) {
			t.Fatalf("split at %d and at %d: same hash is %v", at, other, same)
		}
	})
}

// A record that went through a store with whole microseconds and another time
// zone still fits its hash.
func TestChainSurvivesStorage(t *testing.T) {
	e := entry(0)
	e.Time = time.Date(2026, 3, 1, 14, 0, 0, 123456789, time.FixedZone("east", 7200))
	r := audit.Chain(0, audit.Genesis, e)
	if want := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC); !r.Time.Equal(want) || r.Time.Location() != time.UTC {
		t.Errorf("time is %v, want %v", r.Time, want)
	}
	r.Time = time.UnixMicro(r.Time.UnixMicro()).UTC()
	if err := r.Check(0, audit.Genesis); err != nil {
		t.Error(err)
	}
}
