//go:build servers

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// database is a kind of store that a promise is kept on; nil for SQLite, which
// lies in the node's own data.
type database struct {
	name string
	open func(testing.TB) *dbserver.Server
}

func databases() []database {
	return []database{{"SQLite", nil}, {"PostgreSQL", dbserver.Postgres}, {"MariaDB", dbserver.MariaDB}}
}

// use makes a database and returns the lines of the configuration and of the
// environment that name it, and what, in the end, searches the server's files.
func (d database) use(t *testing.T) (config string, env []string, places func() map[string][]byte) {
	if d.open == nil {
		return "", nil, func() map[string][]byte { return nil }
	}
	s := d.open(t)
	return storeFromEnv, []string{"E2E_STORE_URL=" + s.URL(t)}, func() map[string][]byte {
		if s.Dir() == "" {
			return nil
		}
		s.Stop(t)
		return tree(t, s.Dir())
	}
}

const storeFromEnv = "store: {url: \"env:E2E_STORE_URL\"}\n"

// A database server that is stopped in the middle of work, and one that is not
// there at the start, cost time only: the node waits, says so, and goes on.
func TestADatabaseServerThatIsAwayLosesNothing(t *testing.T) {
	t.Parallel()
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		t.Parallel()
		server, good := s.Private(t), newReceiver(t, signingSecret())
		b := &bad{r: rand.New(rand.NewPCG(9, 9)), drop: t.TempDir()}
		b.node = newNode(t, storeFromEnv+fmt.Sprintf("leak: {sources: [{id: drop, kind: dir, path: %q}]}\nnotify: {webhooks: [%s]}\n",
			b.drop, hookTo("soc", good.URL)), "E2E_STORE_URL="+server.URL(t))
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("output of serve:\n%s", b.output())
			}
		})
		b.start()
		b.secrets(5)
		b.wantEntries(5)

		server.Stop(t)
		b.secrets(10)
		eventually(t, time.Minute, "the log says that the database is away", func() bool {
			return strings.Contains(b.output(), store.ErrUnreachable.Error())
		})
		if status, body := b.get("/api/v1/quarantine"); status != http.StatusServiceUnavailable {
			t.Errorf("a list without a database: %d %s", status, body)
		}
		server.Start(t)
		b.secrets(15)
		b.wantEntries(15)
		b.stop()

		server.Stop(t)
		b.launch()
		eventually(t, time.Minute, "readyz says that the node waits", func() bool { return b.readyz() == http.StatusServiceUnavailable })
		b.secrets(20)
		server.Start(t)
		b.awaitReady()
		b.wantEntries(20)
		eventually(t, time.Minute, "all alerts", func() bool { return good.distinct() >= 20 })
		b.stop()
		if n := good.distinct(); n != 20 {
			t.Errorf("%d alerts, want 20", n)
		}
		for name, content := range tree(t, filepath.Dir(b.config)) {
			if strings.Contains(string(content), server.Secret()) {
				t.Errorf("%s holds the database's password", name)
			}
		}
	})
}

// secrets drops files with a secret each until there are upTo.
func (b *bad) secrets(upTo int) {
	b.t.Helper()
	for ; b.dropped < upTo; b.dropped++ {
		b.file(fmt.Sprintf("s%d.txt", b.dropped), b.secret())
	}
}
