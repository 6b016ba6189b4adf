//go:build servers

package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

func TestServers(t *testing.T) {
	t.Parallel()
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		t.Parallel()
		storetest.Run(t, s.URL)
	})
}

// A server that is stopped and started again in the middle of many writes costs
// time: each event is in the log once in the end, and the same Store goes on.
func TestAServerThatIsAwayLosesNothing(t *testing.T) {
	t.Parallel()
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		t.Parallel()
		const writers, each, most = 4, 150, 2000
		server := s.Private(t)
		db := storetest.Open(t, store.Options{URL: server.URL(t)})
		var stored, refused atomic.Int32
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				// On a quick machine all are stored before the server has stopped: they go on.
				for i := 0; i < each || refused.Load() == 0 && i < most; i++ {
					stubborn(t, db, storetest.Event(t, fmt.Sprint(w, " ", i)), &refused)
					stored.Add(1)
				}
			})
		}
		await(t, "some are stored", func() bool { return stored.Load() >= writers*each/4 })
		server.Stop(t)
		await(t, "a write is refused", func() bool { return refused.Load() > 0 })
		if err := db.Health(storetest.Context(t)); !errors.Is(err, store.ErrUnreachable) {
			t.Errorf("Health = %v, want ErrUnreachable", err)
		}
		server.Start(t)
		wg.Wait()
		if err := db.Health(storetest.Context(t)); err != nil {
			t.Errorf("Health = %v", err)
		}
		checkLog(t, db, int(stored.Load()))
	})
}

// stubborn writes until it is stored, as a source does.
func stubborn(t *testing.T, db *store.Store, e event.Event, refused *atomic.Int32) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		err := storetest.Emit(context.Background(), db, e)
		if err == nil {
			return
		}
		if refused.Add(1); !errors.Is(err, store.ErrUnreachable) || time.Now().After(deadline) {
			t.Errorf("Write = %v, want ErrUnreachable for a while", err)
			return
		}
	}
}

func checkLog(t *testing.T, db *store.Store, want int) {
	t.Helper()
	records, err := db.Events(storetest.Context(t), event.Cursor{}, 10_000)
	if err != nil || len(records) != want {
		t.Errorf("%d events, %v, want %d", len(records), err, want)
	}
	for i, r := range records {
		if r.Cursor.Seq != int64(i+1) {
			t.Fatalf("record %d has number %d", i+1, r.Cursor.Seq)
		}
	}
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within a minute: " + what)
		}
	}
}

// What is wrong with a server is said in words, and never with its password.
func TestServersThatCannotBeUsed(t *testing.T) {
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		for _, c := range []struct {
			name   string
			change func(u *url.URL)
			want   string
		}{
			{"nobody listens", func(u *url.URL) { u.Host = "127.0.0.1:1" }, "does not answer"},
			{"wrong password", func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "not"+s.Secret()) }, "password: check store.url"},
			{"no such database", func(u *url.URL) { u.Path = "/there_is_none" }, "no such database"},
		} {
			u, err := url.Parse(s.URL(t))
			if err != nil {
				t.Fatal(err)
			}
			c.change(u)
			db, err := store.Open(storetest.Context(t), store.Options{URL: u.String()})
			if err == nil {
				_ = db.Close()
				t.Errorf("%s: Open succeeded", c.name)
				continue
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), s.Name()+"://cordon@") {
				t.Errorf("%s: %v", c.name, err)
			}
			if strings.Contains(err.Error(), s.Secret()) || strings.Contains(err.Error(), url.QueryEscape(s.Secret())) {
				t.Errorf("%s: the error shows the password: %v", c.name, err)
			}
			if away := errors.Is(err, store.ErrUnreachable); away != (c.name == "nobody listens") {
				t.Errorf("%s: unreachable is %v", c.name, away)
			}
		}
	})
}

// A reader cannot write, on a server either.
func TestReadersOfServersOnlyRead(t *testing.T) {
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		db := storetest.Open(t, store.Options{URL: s.URL(t)})
		if _, err := db.Reader().ExecContext(storetest.Context(t), "DELETE FROM meta"); err == nil {
			t.Error("a reader could write")
		}
	})
}
