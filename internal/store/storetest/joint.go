package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// testJoint has somebody write beside events. A server's log has other writers, so
// nobody may.
func testJoint(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	var asked []event.Record
	var before []event.Cursor
	var committed atomic.Int64
	possible := s.Join(func(ctx context.Context, tx *store.Tx, at event.Cursor, records []event.Record) (func(), error) {
		before, asked = append(before, at), append(asked, records...)
		return func() { committed.Add(1) }, tx.SaveCursor(ctx, "beside", records[len(records)-1].Cursor)
	})
	if onServer := !strings.HasPrefix(url, "sqlite:"); possible == onServer {
		t.Fatalf("Join = %t; on a server %t", possible, onServer)
	}
	must(t, Emit(ctx, s, Event(t, "a"), Event(t, "b")))
	must(t, Emit(ctx, s, Event(t, "c")))
	at, err := s.Cursor(ctx, "beside")
	must(t, err)
	if !possible {
		if len(asked) > 0 || at != (event.Cursor{}) {
			t.Error("somebody was asked all the same")
		}
		return
	}
	all := events(t, s, event.Cursor{}, 10)
	if diff := cmp.Diff(all, asked); diff != "" {
		t.Errorf("asked differs from the log (-log +asked):\n%s", diff)
	}
	if got := []int64{before[0].Seq, before[1].Seq}; !slices.Equal(got, []int64{0, 2}) {
		t.Errorf("the log ended at %v before, want 0 and 2", got)
	}
	if at != all[2].Cursor || committed.Load() != 2 {
		t.Errorf("what was written beside is %v after %d commits, want %v after 2", at, committed.Load(), all[2].Cursor)
	}
}

// testJointFails: events do not wait for what follows from them.
func testJointFails(t *testing.T, url string) {
	for name, fail := range map[string]func() error{
		"an error": func() error { return errors.New("no") },
		"a panic":  func() error { panic("no") },
	} {
		s, ctx := Open(t, store.Options{URL: url}), Context(t)
		s.Join(func(ctx context.Context, tx *store.Tx, _ event.Cursor, records []event.Record) (func(), error) {
			if err := tx.SaveCursor(ctx, "beside", records[0].Cursor); err != nil {
				t.Errorf("%s: SaveCursor: %v", name, err)
			}
			return func() { t.Errorf("%s: it was told of a commit", name) }, fail()
		})
		e := Event(t, name)
		must(t, Emit(ctx, s, e))
		if got := bodies(events(t, s, event.Cursor{}, 100)); !slices.ContainsFunc(got, func(o event.Event) bool { return o.ID == e.ID }) {
			t.Errorf("%s: the event is not in the log", name)
		}
		if at, err := s.Cursor(ctx, "beside"); err != nil || at != (event.Cursor{}) {
			t.Errorf("%s: what was written beside stayed: %v, %v", name, at, err)
		}
		must(t, s.Close())
	}
}
