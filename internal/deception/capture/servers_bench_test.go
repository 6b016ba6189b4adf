//go:build servers

package capture_test

import (
	"testing"

	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// The same into servers, which do not sync here.
func BenchmarkRecorderServers(b *testing.B) {
	b.Run("PostgreSQL", func(b *testing.B) { recordInto(b, dbserver.Postgres(b).URL(b)) })
	b.Run("MariaDB", func(b *testing.B) { recordInto(b, dbserver.MariaDB(b).URL(b)) })
}
