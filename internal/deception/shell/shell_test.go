package shell

import (
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.uber.org/goleak"
)

var client = netip.MustParseAddrPort("203.0.113.9:40022")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACommandIsRunAndRecorded(t *testing.T) {
	m := testMachine(t, Limits{})
	s, sink := record(t)
	var out, errs strings.Builder
	status, signal := m.Run(t.Context(), Login{User: "root", Command: "echo hi; nosuch", Stdout: &out, Stderr: &errs, Session: s, Client: client, Server: client})
	if out.String() != "hi\n" || errs.String() != "bash: line 1: nosuch: command not found\n" || status != 127 || signal != "" {
		t.Errorf("%q, %q, %d, %q", out.String(), errs.String(), status, signal)
	}
	c := sink.Of(service.Command)
	if len(c) != 1 || servicetest.Field(c[0], "line") != "echo hi; nosuch" || servicetest.Field(c[0], "status") != "127" {
		t.Errorf("recorded: %+v", c)
	}
}
