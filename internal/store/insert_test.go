package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// sampleRow has a field of each kind that rows have.
type sampleRow struct {
	bun.BaseModel `bun:"table:samples"`

	ID    string     `bun:"id,pk"`
	Text  string     `bun:"words"`
	Maybe *string    `bun:"maybe"`
	Day   time.Time  `bun:"day"`
	Ended *time.Time `bun:"ended"`
	Count int64      `bun:"amount"`
	Small int        `bun:"small"`
	Share float64    `bun:"share"`
	Yes   bool       `bun:"yes"`
	Bytes []byte     `bun:"bytes"`
}

func samples() []sampleRow {
	word, day := "o'clock", time.Date(2026, 11, 22, 9, 5, 7, 123_456_000, time.FixedZone("", 3600))
	return []sampleRow{
		{ID: "empty"},
		{ID: "full", Text: "a 'b' \"c\" ? \u00e9\u20ac\U0001f512\n\\", Maybe: &word, Day: day, Ended: &day, Count: -1 << 62, Small: 7, Share: 0.1, Yes: true, Bytes: []byte{0, 1, 0xff, '\''}},
		{ID: "no bytes", Bytes: []byte{}, Day: day.Truncate(time.Second)},
	}
}

// A row is the same in the database whichever way it was stored: kinds and values.
func TestInsertAllStoresWhatBunStores(t *testing.T) {
	stored := func(insert func(ctx context.Context, tx *store.Tx, rows []sampleRow) error) (out []string) {
		s := withSamples(t, func(time.Duration) {})
		err := s.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, samples()) })
		if err != nil {
			t.Fatal(err)
		}
		const cell = `SELECT quote(id)||quote(words)||quote(maybe)||quote(day)||quote(ended)||quote(amount)||quote(small)||quote(share)||quote(yes)||quote(bytes)
			||typeof(maybe)||typeof(day)||typeof(ended)||typeof(amount)||typeof(share)||typeof(yes)||typeof(bytes) FROM samples ORDER BY id`
		if err := s.Reader().NewRaw(cell).Scan(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := stored(func(ctx context.Context, tx *store.Tx, rows []sampleRow) error {
		_, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
		return err
	})
	if got := stored(store.InsertAll[sampleRow]); !slices.Equal(got, want) || len(got) != 3 {
		t.Errorf("stored\n%q, and by bun\n%q", got, want)
	}
}

// What cannot be stored is an error, and of what was to be stored with it nothing
// stays.
func TestInsertAllStoresAllOrNothing(t *testing.T) {
	s := withSamples(t, func(time.Duration) {})
	twice := append(samples(), sampleRow{ID: "full"})
	err := s.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return store.InsertAll(ctx, tx, twice) })
	if err == nil {
		t.Error("a key that is there is stored again")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err = s.Write(t.Context(), func(_ context.Context, tx *store.Tx) error { return store.InsertAll(ended, tx, samples()) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its time the error is %v", err)
	}
	var n int
	if err := s.Reader().NewRaw("SELECT count(*) FROM samples").Scan(t.Context(), &n); err != nil || n != 0 {
		t.Errorf("%d rows are stored, error %v", n, err)
	}
}

func TestInsertAllIsTimed(t *testing.T) {
	var told int
	s := withSamples(t, func(time.Duration) { told++ })
	err := s.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		before := told
		err := errors.Join(store.InsertAll(ctx, tx, samples()), store.InsertAll(ctx, tx, []sampleRow{}))
		if told != before+1 {
			t.Errorf("told of %d statements, not of one", told-before)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withSamples is a database of SQLite with a table for samples.
func withSamples(t *testing.T, query func(time.Duration)) *store.Store {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t), Query: query})
	err := s.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE samples (id TEXT PRIMARY KEY, words TEXT, maybe TEXT, day TIMESTAMP, ended TIMESTAMP,
			amount INTEGER, small INTEGER, share REAL, yes BOOLEAN, bytes BLOB)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
