package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/bus/natsbus"
	"go.cordon.dev/cordon/internal/bus/natsbus/natstest"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/testport"
)

// busRig is a node on an external NATS with a folder to watch and a webhook.
type busRig struct {
	*house
	client *client.Client
	posts  atomic.Int64
}

func newBusRig(t *testing.T, url string) *busRig {
	r := &busRig{}
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { r.posts.Add(1) }))
	t.Cleanup(hook.Close)
	r.house = newHouse(t, `bus: {url: "`+url+`"}
leak: {sources: [{id: inbox, kind: dir, path: "DIR/inbox"}]}
notify: {webhooks: [{id: hook, url: "`+hook.URL+`", topics: [leak.message.quarantined], allow_private: true}]}
`)
	if err := os.Mkdir(filepath.Join(r.dir, "inbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.client = r.start()
	return r
}

func (r *busRig) drop(name, secret string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, "inbox", name), []byte("key "+secret+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *busRig) busStatus() string {
	r.t.Helper()
	h, err := r.client.Health(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range h.Checks {
		if c.Kind == "bus" {
			return c.Status
		}
	}
	return ""
}

// The store comes first: while the bus is away everything is caught and told,
// and when it is back other nodes hear again. The bus's password is nowhere.
func TestNothingIsLostWhileTheBusIsDown(t *testing.T) {
	password := "bus-" + "hunter2"
	srv := natstest.Start(t, testport.Addr(t), "ada", password)
	url := "nats://ada:" + password + "@" + srv.Addr()
	r := newBusRig(t, url)
	r.until("the bus to be there", func() bool { return r.busStatus() == ok })
	r.drop("one.txt", "AKIA"+"Q3EGUXT5ZLBM2WKH") // cordon:allow
	r.caught(r.client, 1)

	srv.Stop()
	r.until("the bus to be missed", func() bool { return r.busStatus() == degraded })
	r.drop("two.txt", "AKIA"+"Z4EGUXT5ZLBM2WKQ") // cordon:allow
	r.caught(r.client, 2)
	r.until("both alerts", func() bool { return r.posts.Load() == 2 })

	natstest.Start(t, srv.Addr(), "ada", password)
	r.until("the bus to be back", func() bool { return r.busStatus() == ok })
	other, err := natsbus.Connect(url, natsbus.Options{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	var heard atomic.Int64
	if _, err := other.Subscribe("leak.message.quarantined", func(event.Event) { heard.Add(1) }); err != nil {
		t.Fatal(err)
	}
	r.drop("three.txt", "AKIA"+"X5EGUXT5ZLBM2WKR") // cordon:allow
	r.caught(r.client, 3)
	r.until("the other node to hear of it", func() bool { return heard.Load() == 1 })
	r.until("the third alert", func() bool { return r.posts.Load() == 3 })
	if text := r.log.String() + r.out.String() + r.scrape(); strings.Contains(text, password) {
		t.Error("the bus's password is shown")
	}
}

// A server that is not there at the start is waited for; the node works.
func TestANodeStartsWithoutItsBus(t *testing.T) {
	srv := natstest.Start(t, testport.Addr(t), "", "")
	srv.Stop()
	r := newBusRig(t, "nats://"+srv.Addr())
	if got := r.busStatus(); got != degraded {
		t.Errorf("bus is %s, want degraded", got)
	}
	r.drop("one.txt", "AKIA"+"Q3EGUXT5ZLBM2WKH") // cordon:allow
	r.caught(r.client, 1)
	r.until("the alert", func() bool { return r.posts.Load() == 1 })
	natstest.Start(t, srv.Addr(), "", "")
	r.until("the bus to come", func() bool { return r.busStatus() == ok })
}
