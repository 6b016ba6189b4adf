//go:build servers

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/internal/testport"
)

// A peer of npm's has a log. What it appends reaches the quarantine of the real server, which
// has the log's key and the peer's address and nothing else: at once, after the peer was
// away, and after the server was. The secret is nowhere.
func TestALogAtAPeer(t *testing.T) {
	t.Parallel()
	for _, packages := range []hypercoretest.Packages{hypercoretest.Npm10, hypercoretest.Npm11} {
		t.Run(string(packages), func(t *testing.T) { logAtAPeer(t, packages) })
	}
}

func logAtAPeer(t *testing.T, packages hypercoretest.Packages) {
	t.Parallel()
	writer := hypercoretest.StartNode(t, packages)
	writer.Do(nil, "open", t.TempDir(), 3, false)
	address := testport.Addr(t)
	n := newNode(t, fmt.Sprintf("leak:\n  sources:\n    - {id: chat, kind: hypercore-peer, path: %q}\n", writer.Dump().Key.String()+"@"+address))
	n.start()
	r := rand.New(rand.NewPCG(1, uint64(len(packages))))
	var secrets []string
	say := func() {
		secret := awsKey(r)
		secrets = append(secrets, secret)
		writer.Do(nil, "say", "nothing in here", told(secret), "nor here")
		eventually(t, time.Minute, "the key in quarantine", func() bool {
			items, _ := n.quarantine()
			return len(items) == len(secrets)
		})
	}
	serve := func() { writer.Serve(false, portOf(t, address)) }
	serve()
	say()
	writer.Do(nil, "hangUp")
	serve()
	say()
	n.kill()
	n.start()
	say()
	items, raw := n.quarantine()
	for _, item := range items {
		if item["source"] != "chat" || item["hypercore_position"] == nil {
			t.Errorf("entry %v", item)
		}
	}
	n.stop()
	for _, secret := range secrets {
		if strings.Contains(string(raw)+n.output(), secret) {
			t.Error("a secret is in the answer or in the log")
		}
	}
}

func told(secret string) string {
	return fmt.Sprintf(`{"type":"task_result","from":"agent-1","data":{"note":"use %s for the upload"}}`, secret)
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return a.Port
}
