package app

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
)

// A Go program that asks the running server over its control socket is held to its
// policy, by what the kernel says of the program, and is on record with its line.
func TestAProgramAsksTheServer(t *testing.T) {
	g := newGuarded(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	g.write("allowlist: {rules: [{id: me, host: 127.0.0.1, programs: ['" + exe + "'], when: 'entry == \"library\" && method == \"GET\"'}]}\n")
	guard, err := egress.New(nil, egress.Options{Server: filepath.Join(g.data, socketName)})
	if err != nil {
		t.Fatal(err)
	}
	transport := guard.Transport(nil)
	t.Cleanup(transport.CloseIdleConnections)
	c := &http.Client{Transport: transport}
	g.until("the new policy", func() bool {
		resp, err := c.Get(g.origin.URL)
		if err != nil {
			return false
		}
		body, err := io.ReadAll(resp.Body)
		return errors.Join(err, resp.Body.Close()) == nil && string(body) == "hello" && g.rule() == "me"
	})
	_, err = c.Post(g.origin.URL, "text/plain", strings.NewReader("x"))
	var denied *egress.AccessDeniedError
	if !errors.As(err, &denied) || denied.Reason != policy.ReasonWhen || denied.Rule != "me" {
		t.Errorf("a POST: %v", err)
	}
	g.until("both on record", func() bool {
		all := g.decisions(2)
		return all[0].Decision == "deny" && all[0].Reason == "when_mismatch"
	})
	for _, d := range g.decisions(2)[:2] {
		if d.Entry != "library" || d.Exe != exe || d.PID != os.Getpid() || !strings.HasSuffix(d.SourceFile, "egress_ask_test.go") || d.SourceLine == 0 || d.EndedAt == nil && d.Decision == "allow" {
			t.Errorf("on record is %+v", d)
		}
	}
}

// rule is the one that decided last.
func (g *guarded) rule() string { return g.decisions(1)[0].Rule }

// What left by a rule with a data_budget is shown, and is still so after a restart.
func TestADataBudgetOutlivesTheServer(t *testing.T) {
	g := newGuarded(t)
	g.write("allowlist: {rules: [{id: up, host: 127.0.0.1, data_budget: 10KB/day}]}\n")
	g.until("the new policy", func() bool {
		g.get(g.origin.URL)
		all, err := g.cli.EgressBudgets(t.Context())
		return err == nil && len(all) == 1 && all[0].Used > 0
	})
	before, err := g.cli.EgressBudgets(t.Context())
	if err != nil || before[0].Rule != "up" || before[0].Used == 0 || before[0].Bytes != 10_000 || before[0].Per != "day" {
		t.Fatalf("%+v, %v", before, err)
	}
	g.stop()
	g.cli = g.start()
	after, err := g.cli.EgressBudgets(t.Context())
	if err != nil || len(after) != 1 || after[0].Used < before[0].Used {
		t.Errorf("after a restart: %+v, %v", after, err)
	}
}

// A message may be as large as cordon egress mcp holds one: it is not kept out at the door.
func TestALargeMessageIsHeard(t *testing.T) {
	g := newGuarded(t)
	text := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","arguments":{"text":"` + strings.Repeat("words ", 1_300_000) + `"}}}`
	a, err := g.cli.EgressHear(t.Context(), api.EgressHearRequest{Server: "files.localhost", Text: []byte(text)})
	if err != nil || a.Reason == string(policy.ReasonNotScanned) {
		t.Errorf("%d bytes: %+v, %v", len(text), a, err)
	}
}
