// Package storetest is what every database behind store must do. A database
// joins by a test that calls Run with a function that makes a fresh, empty
// database and returns its URL.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// Open opens a store and closes it when the test ends.
func Open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(Context(t), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// Context is a context that ends when a test has waited too long.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// Event makes an event that is valid in all respects.
func Event(t testing.TB, subject string) event.Event {
	t.Helper()
	e, err := event.New(event.Header{
		Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Source: "node/test", Severity: event.High, Subject: subject,
	}, event.BusHealth{Kind: "memory", Connected: true})
	if err != nil {
		t.Fatalf("event.New: %v", err)
	}
	return e
}

// Emit writes events in one transaction.
func Emit(ctx context.Context, s *store.Store, events ...event.Event) error {
	return s.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, e := range events {
			if err := tx.Emit(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run checks a kind of database. newURL makes a fresh, empty database.
func Run(t *testing.T, newURL func(t testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, url string)
	}{
		{"events come back in the order of commits, behind the cursor", testOrder},
		{"an event that is known is ignored and takes no number", testKnownEvent},
		{"rows that are stored at once come back, however many they are", testBulk},
		{"bytes that are none come back as none", testBulkNulls},
		{"rows that are there are updated, or refused", testBulkPut},
		{"rows that are there stay, the others are added", testBulkAdd},
		{"an event that is said to be fresh is never in the log twice", testFresh},
		{"a search finds what the filter lets pass, newest first, page by page", testFind},
		{"what happened in a stretch of time is read, one event at a time", testStretch},
		{"a search gives up after so many events, and goes on where it was", testFindGivesUp},
		{"a search between two times begins at their place", testFindBetween},
		{"an event is found by its id", testEventByID},
		{"a long event comes back as it was, whatever way it is asked for", testLong},
		{"a failed write leaves neither rows nor events nor a gap", testFailedWrite},
		{"one failing job does not spoil its companions", testCompanions},
		{"a job that fails alone stores nothing", testFailsAlone},
		{"a panic in a job is an error", testPanic},
		{"a bad event is refused", testBadEvent},
		{"listeners get exactly the committed events, in order, before Write returns", testAfterCommit},
		{"who writes beside events does so in their transaction, where the log has one writer", testJoint},
		{"events are stored without what follows from them when that fails", testJointFails},
		{"a reader behind a cursor misses nothing while two nodes write", testTwoNodes},
		{"nodes that open an empty database at once all find it complete", testOpenTogether},
		{"numbers wait for an open transaction of another node", testInterleaved},
		{"two nodes that read and then write do not undo each other", testTurns},
		{"one of many nodes gets a lease", testLeaseRace},
		{"names are told apart by their bytes", testNames},
		{"the day of the log never goes back", testDay},
		{"a cursor is saved with the rows it stands for", testCursor},
		{"a write whose caller gave up in the queue is not run", testDeadline},
		{"close answers what waits and refuses what comes later", testClose},
		{"rows and numbers are there after opening again", testReopen},
		{"the installation key is pinned", testPinKey},
		{"a lease has one owner at a time", testLease},
		{"a healthy store says so, a closed one does not", testHealth},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newURL(t)) })
	}
	runSnapshots(t, newURL)
}

func testOrder(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	a, b, c := Event(t, "a"), Event(t, "b"), Event(t, "c")
	must(t, Emit(ctx, s, a, b))
	must(t, Emit(ctx, s, c))
	all := events(t, s, event.Cursor{}, 10)
	if diff := cmp.Diff([]event.Event{a, b, c}, bodies(all)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]event.Event{c}, bodies(events(t, s, all[1].Cursor, 10))); diff != "" {
		t.Errorf("behind the second (-want +got):\n%s", diff)
	}
	if got := events(t, s, event.Cursor{}, 1); len(got) != 1 {
		t.Errorf("limit 1 gave %d events", len(got))
	}
	if head, err := s.Head(ctx); err != nil || head != all[2].Cursor {
		t.Errorf("Head = %v, %v, want %v", head, err, all[2].Cursor)
	}
}

func testKnownEvent(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	a, b := Event(t, "a"), Event(t, "b")
	must(t, Emit(ctx, s, a, a))
	must(t, Emit(ctx, s, a, b))
	all := events(t, s, event.Cursor{}, 10)
	if diff := cmp.Diff([]event.Event{a, b}, bodies(all)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	wantContiguous(t, all)
}

func testFailedWrite(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	bad := errors.New("no")
	err := s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SaveCursor(ctx, "c", event.Cursor{Day: "2026-01-01", Seq: 9}))
		must(t, tx.Emit(Event(t, "lost")))
		return bad
	})
	if !errors.Is(err, bad) {
		t.Errorf("Write = %v, want %v", err, bad)
	}
	if c, err := s.Cursor(ctx, "c"); err != nil || c != (event.Cursor{}) {
		t.Errorf("Cursor = %v, %v after a failed write", c, err)
	}
	must(t, Emit(ctx, s, Event(t, "kept")))
	wantContiguous(t, events(t, s, event.Cursor{}, 10))
}

func testCompanions(t *testing.T, url string) {
	s := Open(t, store.Options{URL: url})
	errs := inOneBatch(t, s, 20, func(ctx context.Context, tx *store.Tx, i int) error {
		if err := tx.SaveCursor(ctx, fmt.Sprint("c", i), event.Cursor{Day: "2026-01-01", Seq: 1}); err != nil {
			return err
		}
		if i%3 == 0 {
			return fmt.Errorf("job %d fails", i)
		}
		return tx.Emit(Event(t, fmt.Sprint(i)))
	})
	for i, err := range errs {
		if failed := err != nil; failed != (i%3 == 0) {
			t.Errorf("job %d: %v", i, err)
		}
		c, err := s.Cursor(Context(t), fmt.Sprint("c", i))
		if stored := c.Seq == 1; err != nil || stored != (i%3 != 0) {
			t.Errorf("job %d: its row is there: %v, %v", i, stored, err)
		}
	}
	all := events(t, s, event.Cursor{}, 100)
	if len(all) != 13 {
		t.Errorf("%d events, want 13", len(all))
	}
	wantContiguous(t, all)
}

// testFailsAlone: the first job of a commit has no savepoint to go back to.
func testFailsAlone(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	because := errors.New("because")
	for range 3 {
		err := s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SaveCursor(ctx, "c", event.Cursor{Day: "2026-01-01", Seq: 1}), tx.Emit(Event(t, "a")), because)
		})
		if !errors.Is(err, because) {
			t.Errorf("the job's error is %v", err)
		}
	}
	if c, err := s.Cursor(ctx, "c"); err != nil || c != (event.Cursor{}) {
		t.Errorf("its row is there: %v, %v", c, err)
	}
	if all := events(t, s, event.Cursor{}, 10); len(all) > 0 {
		t.Errorf("its events are there: %v", all)
	}
	must(t, Emit(ctx, s, Event(t, "after")))
	wantContiguous(t, events(t, s, event.Cursor{}, 10))
}

func testPanic(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	if err := s.Write(ctx, func(context.Context, *store.Tx) error { panic("oh") }); err == nil {
		t.Error("Write of a panicking job returned nil")
	}
	must(t, Emit(ctx, s, Event(t, "after")))
}

func testBadEvent(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	e := Event(t, "a")
	e.Topic = "two words.here"
	if err := Emit(ctx, s, e); err == nil {
		t.Error("an event with a bad topic was stored")
	}
}

func testAfterCommit(t *testing.T, url string) {
	var mu sync.Mutex
	var heard []event.Record
	s := Open(t, store.Options{URL: url, AfterCommit: func(rs []event.Record) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, rs...)
	}})
	known := Event(t, "known")
	must(t, Emit(Context(t), s, known))
	parallel(8, func(i int) {
		for n := range 20 {
			if err := Emit(Context(t), s, Event(t, fmt.Sprint(i, n)), known); err != nil {
				t.Errorf("Emit: %v", err)
			}
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(events(t, s, event.Cursor{}, 1000), heard); diff != "" {
		t.Errorf("heard differs from the log (-log +heard):\n%s", diff)
	}
}

func testDay(t *testing.T, url string) {
	now := clock.NewFake(time.Date(2026, 3, 2, 0, 0, 1, 0, time.UTC))
	s, ctx := Open(t, store.Options{URL: url, Clock: now}), Context(t)
	must(t, Emit(ctx, s, Event(t, "a")))
	now.Advance(-2 * time.Hour)
	must(t, Emit(ctx, s, Event(t, "clock set back")))
	now.Advance(26 * time.Hour)
	must(t, Emit(ctx, s, Event(t, "next day")))
	var days []string
	for _, r := range events(t, s, event.Cursor{}, 10) {
		days = append(days, r.Cursor.Day)
	}
	if diff := cmp.Diff([]string{"2026-03-02", "2026-03-02", "2026-03-03"}, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func testCursor(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	for seq := int64(1); seq <= 2; seq++ {
		want := event.Cursor{Day: "2026-03-01", Seq: seq}
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.SaveCursor(ctx, "notify", want) }))
		if got, err := s.Cursor(ctx, "notify"); err != nil || got != want {
			t.Errorf("Cursor = %v, %v, want %v", got, err, want)
		}
	}
	if got, err := s.Cursor(ctx, "other"); err != nil || got != (event.Cursor{}) {
		t.Errorf("a new consumer's cursor = %v, %v", got, err)
	}
}

func testDeadline(t *testing.T, url string) {
	s := Open(t, store.Options{URL: url})
	leave := block(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	ran, answer := false, make(chan error, 1)
	go func() {
		answer <- s.Write(ctx, func(context.Context, *store.Tx) error { ran = true; return nil })
	}()
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want %v", err, context.Canceled)
	}
	leave()
	must(t, Emit(Context(t), s, Event(t, "later")))
	if ran {
		t.Error("the abandoned job was run")
	}
}

func testClose(t *testing.T, url string) {
	s, err := store.Open(Context(t), store.Options{URL: url})
	must(t, err)
	errs := inOneBatch(t, s, 10, func(_ context.Context, tx *store.Tx, i int) error { return tx.Emit(Event(t, fmt.Sprint(i))) })
	must(t, errors.Join(errs...))
	must(t, s.Close())
	must(t, s.Close())
	if err := Emit(Context(t), s, Event(t, "late")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Write after Close = %v, want ErrClosed", err)
	}
}

func testReopen(t *testing.T, url string) {
	s, err := store.Open(Context(t), store.Options{URL: url})
	must(t, err)
	must(t, Emit(Context(t), s, Event(t, "before")))
	must(t, s.Close())
	again := Open(t, store.Options{URL: url})
	must(t, Emit(Context(t), again, Event(t, "after")))
	all := events(t, again, event.Cursor{}, 10)
	if len(all) != 2 {
		t.Errorf("%d events, want 2", len(all))
	}
	wantContiguous(t, all)
}

func testPinKey(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	must(t, s.PinKey(ctx, "aabbccdd", "check"))
	must(t, s.PinKey(ctx, "aabbccdd", "check"))
	for _, other := range [][2]string{{"11223344", "check"}, {"aabbccdd", "forged"}} {
		if err := s.PinKey(ctx, other[0], other[1]); !errors.Is(err, store.ErrOtherKey) {
			t.Errorf("PinKey(%s) = %v, want ErrOtherKey", other, err)
		}
	}
	old := [2]string{"aabbccdd", "check"}
	if err := s.PinKey(ctx, "55667788", "new", [2]string{"aabbccdd", "forged"}); !errors.Is(err, store.ErrOtherKey) {
		t.Errorf("replacing a key that was not held: %v, want ErrOtherKey", err)
	}
	must(t, s.PinKey(ctx, "55667788", "new", old))
	must(t, s.PinKey(ctx, "55667788", "new"))
	if err := s.PinKey(ctx, old[0], old[1]); !errors.Is(err, store.ErrOtherKey) {
		t.Errorf("PinKey of the replaced key = %v, want ErrOtherKey", err)
	}
}

func testLease(t *testing.T, url string) {
	now := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	s, ctx := Open(t, store.Options{URL: url, Clock: now}), Context(t)
	acquire := func(owner string) (bool, error) { return s.AcquireLease(ctx, "leader", owner, time.Minute) }
	renew := func(owner string) (bool, error) { return s.RenewLease(ctx, "leader", owner, time.Minute) }
	step := func(what string, want bool, act func(string) (bool, error), owner string) {
		t.Helper()
		if got, err := act(owner); err != nil || got != want {
			t.Errorf("%s: held = %v, %v, want %v", what, got, err, want)
		}
	}
	step("free", true, acquire, "a")
	step("taken", false, acquire, "b")
	step("not b's to renew", false, renew, "b")
	step("a's own", true, acquire, "a")
	now.Advance(59 * time.Second)
	step("a prolongs", true, renew, "a")
	now.Advance(time.Minute)
	step("a was too late", false, renew, "a")
	step("run out", true, acquire, "b")
	must(t, s.ReleaseLease(ctx, "leader", "a"))
	step("a released what was not a's", false, acquire, "a")
	must(t, s.ReleaseLease(ctx, "leader", "b"))
	step("released", true, acquire, "a")
}

func testHealth(t *testing.T, url string) {
	s, err := store.Open(Context(t), store.Options{URL: url})
	must(t, err)
	must(t, s.Health(Context(t)))
	must(t, s.Close())
	if err := s.Health(Context(t)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Health = %v, want ErrClosed", err)
	}
}
