package egress

import (
	"errors"
	"net/netip"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A program that guards itself is answered like a client of the gateway; denials and
// final answers are recorded, with where in the program they were asked.
func TestProgramsThatAsk(t *testing.T) {
	w := open(t, `
allowlist:
  rules:
    - {id: api, host: api.example, ports: [443]}
    - {id: lib, host: lib.example, when: 'entry == "library" && program.user == "deploy"'}
    - {id: up, host: up.example, data_budget: 1MB/day}
`, nil)
	at := Source{File: "/src/main.go", Line: 7, Function: "main.send"}
	for _, tt := range []struct {
		host, user string
		final      bool
		want       policy.Reason
		allowed    bool
		recorded   int
	}{
		{"api.example", "", false, policy.ReasonRule, true, 0},
		{"api.example", "", true, policy.ReasonRule, true, 1},
		{"evil.example", "", false, policy.ReasonDefaultPolicy, false, 1},
		{"lib.example", "deploy", true, policy.ReasonRule, true, 1},
		{"lib.example", "", true, policy.ReasonWhenFailed, false, 1},
		{"up.example", "", false, policy.ReasonDataBudget, false, 1},
	} {
		before := len(w.decisions())
		q := Question{Request: policy.Request{Host: tt.host, Port: 443, Address: netip.MustParseAddr("203.0.113.1"), Program: policy.Program{User: tt.user}}, Final: tt.final, Source: at}
		d := w.gw.Ask(t.Context(), q)
		if d.Allowed() != tt.allowed || d.Reason != tt.want || len(w.decisions())-before != tt.recorded {
			t.Errorf("%s: %+v, %d records", tt.host, d, len(w.decisions())-before)
		}
	}
	last := w.decisions()[0]
	if last.Entry != EntryLibrary || last.Source != at || last.Host != "api.example" || len(w.ends()) != 2 {
		t.Errorf("recorded %+v, %d ends", last, len(w.ends()))
	}
	w.kill("now")
	if d := w.gw.Ask(t.Context(), Question{Request: policy.Request{Host: "api.example", Port: 443}}); d.Allowed() || d.Reason != policy.ReasonKillSwitch {
		t.Errorf("with the kill switch on: %+v", d)
	}
}

// What cannot be recorded is denied, as in the gateway.
func TestAnAnswerThatCannotBeRecordedIsADenial(t *testing.T) {
	w := open(t, "allowlist: {rules: [{host: api.example}]}", nil)
	w.mu.Lock()
	w.broken = errors.New("the disk is full")
	w.mu.Unlock()
	d := w.gw.Ask(t.Context(), Question{Request: policy.Request{Host: "api.example", Port: 443}, Final: true})
	if d.Allowed() || d.Reason != ReasonAuditUnavailable {
		t.Errorf("%+v", d)
	}
}
