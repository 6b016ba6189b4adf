//go:build servers

package sqlstore_test

import (
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// What SQLite keeps, the servers keep.
func TestServers(t *testing.T) {
	t.Parallel()
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		t.Parallel()
		newURL := s.Copies(t, storetest.Make)
		t.Run("consumers", func(t *testing.T) { sqlstoretest.Run(t, newURL) })
		t.Run("two nodes", func(t *testing.T) { sqlstoretest.RunNodes(t, newURL) })
		t.Run("notify", func(t *testing.T) {
			notifytest.Run(t, func(t *testing.T) notifytest.Store {
				db := storetest.Open(t, store.Options{URL: newURL(t), Clock: clock.NewFake(notifytest.Start())})
				return notifyStore{sqlstore.NewNotify(db, sqlstoretest.Sealer{}), db}
			})
		})
	})
}
