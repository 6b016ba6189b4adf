package egress

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/budget"
)

const thrifty = `
mode: strict
allowlist:
  rules:
    - {id: upload, host: up.example, data_budget: 100KB/day}
    - {id: free, host: free.example}
`

// thriftyWorld has an origin that takes what it is sent.
func thriftyWorld(t *testing.T, tune func(*Options)) (*world, *origin) {
	w := open(t, thrifty, tune)
	o := web(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(rw, "taken")
	}))
	w.name("up.example", "203.0.113.10")
	w.name("free.example", "203.0.113.11")
	w.elsewhere(o.addr)
	return w, o
}

func post(t *testing.T, w *world, url string, n int) (status int, body string) {
	t.Helper()
	c := w.connect()
	// the gateway may answer and end the connection before it has read everything
	_, _ = fmt.Fprintf(c.Conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", url, strings.Split(url, "/")[2], n, strings.Repeat("x", n))
	resp, err := http.ReadResponse(c.r, &http.Request{Method: http.MethodPost})
	if err != nil {
		return 0, err.Error()
	}
	b, _ := io.ReadAll(resp.Body) // cut short is an answer, too
	return resp.StatusCode, string(b)
}

// used is what the book says of a rule.
func (w *world) used(rule string) int64 {
	for _, u := range w.gw.o.Budgets.All(w.gw.o.Clock.Now()) {
		if u.Rule == rule {
			return u.Used
		}
	}
	return 0
}

func TestABudgetEndsWhatGoesOverIt(t *testing.T) {
	w, o := thriftyWorld(t, nil)
	if status, body := post(t, w, "http://up.example/a", 40_000); status != http.StatusOK {
		t.Fatalf("within the budget: %d %s", status, body)
	}
	status, body := post(t, w, "http://up.example/b", 80_000)
	if status != http.StatusForbidden || !strings.Contains(body, "data_budget") {
		t.Errorf("over the budget: %d %s", status, body)
	}
	// what was on its way when the connection was cut may be lost, and counts
	if got := o.got.Load(); got < 40_000 || got > 100_000 || w.used("upload") != 100_000 {
		t.Errorf("the origin got %d bytes, %d are counted", got, w.used("upload"))
	}
	dials := len(w.dials())
	if status, body := post(t, w, "http://up.example/c", 1); status != http.StatusForbidden || !strings.Contains(body, `"rule":"upload"`) || len(w.dials()) != dials {
		t.Errorf("after the budget: %d %s, %d dials", status, body, len(w.dials())-dials)
	}
	if status, _ := post(t, w, "http://free.example/", 300_000); status != http.StatusOK {
		t.Errorf("a rule without a budget: %d", status)
	}
	eventually(t, "the end of the flow that was cut", func() bool {
		for _, e := range w.ends() {
			if e.Cut == "data_budget" && e.Decision.Reason == policy.ReasonDataBudget && e.Decision.RuleID == "upload" {
				return true
			}
		}
		return false
	})
}

// What is recorded of a tunnel whose first bytes are more than the budget is what left.
func TestFirstBytesOverABudgetAreNotRecordedAsSent(t *testing.T) {
	w := open(t, strings.Replace(thrifty, "100KB/day", "10B/day", 1), nil)
	o := listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	w.name("up.example", "203.0.113.10")
	w.elsewhere(o.addr)
	w.connect().tunnel("up.example:9000").say("\xff\xfe" + strings.Repeat("x", 100)).over()
	eventually(t, "the end", func() bool { return len(w.ends()) > 0 })
	if e := w.ends()[0]; e.Cut != "data_budget" || e.BytesOut != 10 || o.got.Load() > 10 {
		t.Errorf("cut %q, %d bytes are recorded, the origin got %d", e.Cut, e.BytesOut, o.got.Load())
	}
}

// What is sent on into a tunnel is counted whichever way it moves, and the tunnel is
// cut in the middle, with what is still on its way.
func TestABudgetCutsTunnels(t *testing.T) {
	for _, how := range []string{"connect", "socks"} {
		w := open(t, thrifty, nil)
		o := listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		w.name("up.example", "203.0.113.10")
		w.elsewhere(o.addr)
		c := w.connect()
		if how == "connect" {
			c.tunnel("up.example:9000")
		} else if code := c.socks("up.example", 9000); code != 0 {
			t.Fatalf("SOCKS: %d", code)
		}
		_, _ = io.WriteString(c.Conn, strings.Repeat("\x00binary", 100_000)) // ends when it is cut
		c.over()
		eventually(t, "the end", func() bool { return len(w.ends()) > 0 })
		if e := w.ends()[0]; e.Cut != "data_budget" || e.BytesOut != 100_000 || o.got.Load() > 100_000 {
			t.Errorf("%s: cut %q after %d bytes, the origin got %d", how, e.Cut, e.BytesOut, o.got.Load())
		}
	}
}

// In audit mode everything passes, is counted, and is noted once for each flow.
func TestAuditModeNotesABudget(t *testing.T) {
	w, o := thriftyWorld(t, nil)
	w.setPolicy(strings.Replace(thrifty, "mode: strict", "mode: audit", 1))
	if status, body := post(t, w, "http://up.example/a", 400_000); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	noted := 0
	for _, d := range w.decisions() {
		if d.Decision.Reason == policy.ReasonDataBudget && d.Decision.Allowed() && d.Decision.Would == policy.Deny {
			noted++
		}
	}
	if got := o.got.Load(); noted != 1 || got < 400_000 || w.used("upload") != got {
		t.Errorf("noted %d times; the origin got %d bytes, %d are counted", noted, got, w.used("upload"))
	}
}

// With many clients at a time the origin never gets a byte more than the budget.
func TestABudgetIsStrictWithManyClients(t *testing.T) {
	w, o := thriftyWorld(t, nil)
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for range 3 {
				post(t, w, "http://up.example/x", 7_777)
			}
		})
	}
	all.Wait()
	eventually(t, "what was let pass", func() bool { return o.got.Load() >= 90_000 })
	if got := o.got.Load(); got > 100_000 || w.used("upload") > 100_000 {
		t.Errorf("the origin got %d bytes, %d are counted", got, w.used("upload"))
	}
}

// A new policy holds for what is open: a smaller budget ends it with the next byte,
// and a flow that nobody counted is cut.
func TestANewBudgetHoldsForOpenFlows(t *testing.T) {
	w := open(t, thrifty, nil)
	o := listen(t, echo)
	w.name("up.example", "203.0.113.10")
	w.name("free.example", "203.0.113.11")
	w.elsewhere(o.addr)
	counted, free := w.connect().tunnel("up.example:9000"), w.connect().tunnel("free.example:9000")
	counted.say("\x00hello").expect("\x00hello")
	free.say("\x00hello").expect("\x00hello")
	w.setPolicy(strings.NewReplacer("100KB/day", "10B/day", "free.example}", "free.example, data_budget: 1MB/hour}").Replace(thrifty))
	if n := w.gw.Rejudge(); n != 1 {
		t.Errorf("%d flows were cut", n)
	}
	free.over()
	counted.say("hello again").over()
	if got := o.got.Load(); got > 6+10 || w.used("upload") != 10 {
		t.Errorf("the origin got %d bytes", got)
	}
}

// A budget that is used up is so after a restart.
func TestABudgetOutlivesTheGateway(t *testing.T) {
	file := t.TempDir() + "/budgets"
	for round := range 2 {
		w, o := thriftyWorld(t, func(opt *Options) { opt.Budgets = budget.Open(file, slog.New(slog.DiscardHandler)) })
		post(t, w, "http://up.example/x", 60_000) // nothing is closed: the process was killed
		if got := o.got.Load(); round == 1 && got > 40_000 {
			t.Errorf("after the restart the origin got %d bytes", got)
		}
	}
}
