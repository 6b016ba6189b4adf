package sqlstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// The chain's head is locked in the transaction that appends: of two nodes that
// write at once, each record follows the one that was committed before it.
func TestTwoNodesWriteOneAuditChain(t *testing.T) {
	const each = 20
	url, ctx := storetest.SQLiteURL(t), storetest.Context(t)
	nodes := []*store.Store{storetest.Open(t, store.Options{URL: url}), storetest.Open(t, store.Options{URL: url})}
	var wg sync.WaitGroup
	for n, s := range nodes {
		wg.Go(func() {
			for i := range each {
				u := auth.User{ID: id.New(), Name: fmt.Sprintf("u%d-%d", n, i), Role: auth.Viewer, PasswordHash: "x", CreatedAt: time.Now()}
				by := audit.Entry{ID: id.New(), Time: time.Now(), Actor: audit.Actor{Kind: "local", Name: "ada"}, Action: "user.create", Target: u.Name}
				if err := sqlstore.NewAccess(s).CreateUser(ctx, u, by); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	log := sqlstore.NewAudit(nodes[0])
	records, err := log.AuditRecords(ctx, 0, 1000)
	if err != nil || len(records) != 2*each {
		t.Fatalf("%d records, %v, want %d", len(records), err, 2*each)
	}
	seq, hash := int64(0), audit.Genesis
	for _, r := range records {
		if err := r.Check(seq, hash); err != nil {
			t.Fatal(err)
		}
		seq, hash = r.Seq, r.Hash
	}
	if n, h, err := log.AuditHead(ctx); err != nil || n != seq || h != hash {
		t.Errorf("head %d %s, %v; the last record is %d %s", n, h, err, seq, hash)
	}
}

func TestWhatADisabledWebhookHolds(t *testing.T) {
	if sqlstore.MaxWaiting != 100_000 || sqlstore.MaxWait != 72*time.Hour {
		t.Errorf("holds %d for %v", sqlstore.MaxWaiting, sqlstore.MaxWait)
	}
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	if got := sqlstore.NewNotify(s, nil).Held(); got != sqlstore.MaxWaiting {
		t.Errorf("a new queue holds %d", got)
	}
}
