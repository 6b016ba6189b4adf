package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// visitRow has columns of most kinds, one that may be null among them.
type visitRow struct {
	bun.BaseModel `bun:"table:decky_sessions"`

	ID              string     `bun:"id,pk"`
	Node            string     `bun:"node"`
	Decky           string     `bun:"decky"`
	Service         string     `bun:"service"`
	AttackerIP      string     `bun:"attacker_ip"`
	AttackerPort    int        `bun:"attacker_port"`
	LocalAddress    string     `bun:"local_address"`
	StartedAt       time.Time  `bun:"started_at"`
	SeenAt          time.Time  `bun:"seen_at"`
	EndedAt         *time.Time `bun:"ended_at"`
	EndReason       string     `bun:"end_reason"`
	Observations    int64      `bun:"observations"`
	Attempts        int        `bun:"attempts"`
	Commands        int        `bun:"commands"`
	Artifacts       int        `bun:"artifacts"`
	LoggedIn        bool       `bun:"logged_in"`
	Interacted      bool       `bun:"interacted"`
	Principal       string     `bun:"principal"`
	Banner          string     `bun:"banner"`
	TranscriptBytes int64      `bun:"transcript_bytes"`
	Recording       string     `bun:"recording"`
	Dropped         int64      `bun:"dropped"`
}

// baselineRow has bytes, which may be null in the next.
type baselineRow struct {
	bun.BaseModel `bun:"table:egress_baselines"`

	ID        string    `bun:"id,pk"`
	Node      string    `bun:"node"`
	Program   string    `bun:"program"`
	Host      string    `bun:"host"`
	State     []byte    `bun:"state"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// logRow is a row whose bytes may be null.
type logRow struct {
	bun.BaseModel `bun:"table:decky_logs"`

	ID         string    `bun:"id,pk"`
	SeenAt     time.Time `bun:"seen_at"`
	Node       string    `bun:"node"`
	Decky      string    `bun:"decky"`
	Service    string    `bun:"service"`
	EventType  string    `bun:"event_type"`
	AttackerIP string    `bun:"attacker_ip"`
	SessionID  string    `bun:"session_id"`
	Place      int64     `bun:"place"`
	Summary    string    `bun:"summary"`
	Evidence   []byte    `bun:"evidence"`
}

func visits(n int, at time.Time) (rows []visitRow) {
	for i := range n {
		r := visitRow{ID: fmt.Sprintf("%05d", i), AttackerPort: i, StartedAt: at.Add(time.Duration(i) * time.Microsecond), SeenAt: at, LoggedIn: i%2 == 0,
			Principal: "o'hara ? $1 \\ \"ü\"", Observations: -1 << 62}
		if i%3 == 0 {
			r.EndedAt = &at
		}
		rows = append(rows, r)
	}
	return rows
}

// testBulk checks numbers of rows below, at and above the sizes of statements.
func testBulk(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 120000, time.UTC)
	for _, n := range []int{0, 1, 31, 32, 33, 64, 100, 1_001, 2_100} {
		want := visits(n, at)
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, "DELETE FROM decky_sessions"); err != nil {
				return err
			}
			return store.InsertAll(ctx, tx, want)
		}))
		same(t, fmt.Sprint(n, " rows"), want, stored[visitRow](t, s))
	}
	// A time is the same for who compares it in a statement.
	n, err := s.Reader().NewSelect().Model((*visitRow)(nil)).Where("started_at = ?", at.Add(7*time.Microsecond)).Count(ctx)
	if err != nil || n != 1 {
		t.Errorf("%d rows of that time, %v", n, err)
	}
}

func testBulkNulls(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	logs := []logRow{{ID: "1", SeenAt: at, Evidence: []byte{0, 0xff, '\'', '\\'}}, {ID: "2", SeenAt: at}}
	states := []baselineRow{{ID: "1", State: []byte{}, UpdatedAt: at}}
	must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(store.InsertAll(ctx, tx, logs), store.InsertAll(ctx, tx, states))
	}))
	same(t, "logs", logs, stored[logRow](t, s))
	same(t, "states", states, stored[baselineRow](t, s))
}

func testBulkPut(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	rows := visits(80, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	put := func(some []visitRow) {
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return store.PutAll(ctx, tx, some) }))
	}
	put(rows[:50])
	for i := range rows {
		rows[i].EndedAt, rows[i].Commands = nil, i+1
	}
	put(rows)
	same(t, "rows", rows, stored[visitRow](t, s))
	more := append(visits(200, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))[80:], rows[0])
	for range 2 { // alone, and behind another job
		errs := inOneBatch(t, s, 4, func(ctx context.Context, tx *store.Tx, _ int) error { return store.InsertAll(ctx, tx, more) })
		if slices.Contains(errs, nil) {
			t.Errorf("a row that is there was inserted: %v", errs)
		}
	}
	same(t, "rows, of which none was added", rows, stored[visitRow](t, s))
}

func testBulkAdd(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	rows := visits(80, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	add := func(some []visitRow) {
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return store.AddAll(ctx, tx, some) }))
	}
	add(rows[:50])
	others := visits(80, time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC))
	add(append(others, others[70])) // the last one twice
	same(t, "rows, of which fifty were there", append(rows[:50:50], others[50:]...), stored[visitRow](t, s))
}

// testFresh: the log is not searched for such an event, but never has it twice.
func testFresh(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	a, b := Event(t, "a"), Event(t, "b")
	fresh := func(es ...event.Event) error {
		return s.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			for _, e := range es {
				encoded, err := event.Encode(e)
				if err != nil {
					return err
				}
				tx.EmitFresh(encoded)
			}
			return nil
		})
	}
	must(t, fresh(a))
	if err := fresh(b, a); err == nil {
		t.Error("an event that the log has was fresh")
	}
	must(t, Emit(ctx, s, a, b))
	same(t, "log", []event.Event{a, b}, bodies(events(t, s, event.Cursor{}, 10)))
}

func stored[R any](t testing.TB, s *store.Store) []R {
	t.Helper()
	var rows []R
	must(t, s.Reader().NewSelect().Model(&rows).OrderExpr("id").Scan(Context(t)))
	return rows
}

func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, utcTimes()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// utcTimes compares times by their moments.
func utcTimes() cmp.Option {
	return cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
}
