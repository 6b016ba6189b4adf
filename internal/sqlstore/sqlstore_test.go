package sqlstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	sqlstoretest.Run(t, storetest.SQLiteCopies(t))
}

// notifyStore adds what notify's own suite needs to fill the log.
type notifyStore struct {
	*sqlstore.Notify
	store *store.Store
}

func (s notifyStore) Append(ctx context.Context, events ...event.Event) error {
	return storetest.Emit(ctx, s.store, events...)
}

func (s notifyStore) Audit(ctx context.Context) ([]audit.Entry, error) {
	records, err := sqlstore.NewAudit(s.store).AuditRecords(ctx, 0, 1000)
	var out []audit.Entry
	for _, r := range records {
		out = append(out, r.Entry)
	}
	return out, err
}

// TestNotifySuite runs the suite that notify's fake passes, too: both keep the
// same promises.
func TestNotifySuite(t *testing.T) {
	newURL := storetest.SQLiteCopies(t)
	notifytest.Run(t, func(t *testing.T) notifytest.Store {
		s := storetest.Open(t, store.Options{URL: newURL(t), Clock: clock.NewFake(notifytest.Start())})
		return notifyStore{sqlstore.NewNotify(s, sqlstoretest.Sealer{}), s}
	})
}

// A disabled webhook keeps the newest deliveries; the oldest beyond the bound
// are dead, also when all were made at one instant.
func TestDisabledWebhookQueueIsBounded(t *testing.T) {
	s, ctx := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)}), storetest.Context(t)
	n := sqlstore.NewNotify(s, sqlstoretest.Sealer{})
	n.Hold(3)
	hook := notifytest.Subscription("a", "https://a.example")
	hook.Enabled = false
	sync := func() {
		t.Helper()
		if _, err := n.SyncManaged(ctx, []notify.Subscription{hook}, storetest.Event(t, "sync")); err != nil {
			t.Fatal(err)
		}
	}
	sync()
	now, want := s.Now(), []string{}
	for i := range 5 {
		d := notify.Delivery{ID: fmt.Sprint("d", i), SubscriptionID: "a", Event: storetest.Event(t, "e"), State: notify.Pending, NextAttempt: now, CreatedAt: now}
		if err := n.Enqueue(ctx, "c", event.Cursor{}, []notify.Delivery{d}); err != nil {
			t.Fatal(err)
		}
		if i >= 2 {
			want = append(want, d.ID)
		}
	}
	hook.Enabled = true
	sync()
	due, err := n.Due(ctx, notify.DueQuery{Now: now, Each: 10})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, d := range due {
		got = append(got, d.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
