package cli

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
)

// healthy is a gateway of which nothing is to be said.
func healthy() facts {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	return facts{
		now:    now,
		status: api.EgressStatus{Listen: "127.0.0.1:8421", Mode: "strict", Default: "deny", Network: true, Version: 3, DNS: "127.0.0.1:8453"},
		rules:  []policy.Rule{{ID: "a", Host: "a.example", Line: 4, Expires: now.Add(60 * 24 * time.Hour)}},
		last:   now.Add(-time.Second), changed: now.Add(-time.Hour),
		env:    map[string]string{"http_proxy": "http://127.0.0.1:8421", "https_proxy": "http://localhost:8421/"},
		record: api.EgressAuditReport{OK: true, Lines: 7, SignedUpTo: 7},
		ca:     healthyCA(now),
		dns:    nameFacts{asks: []api.EgressNameServer{{Address: "192.0.2.1:53"}, {Address: "192.0.2.2:53"}}},
	}
}

func TestAHealthyGatewayHasNothingToDo(t *testing.T) {
	for _, c := range healthy().checks() {
		if c.Status != fine || c.Do != "" {
			t.Errorf("%+v", c)
		}
	}
}

// Each fault is found by one check, which says what to do.
func TestEveryFaultIsNamedWithWhatToDo(t *testing.T) {
	for what, tt := range map[string]struct {
		spoil              func(*facts)
		name, status, todo string
	}{
		"no server":           {func(f *facts) { f.status.Listen = "" }, "gateway", failed, "cordon serve"},
		"nobody answers":      {func(f *facts) { f.dial = errors.New("connection refused") }, "gateway", failed, "egress.listen"},
		"the switch is on":    {func(f *facts) { f.status.KillSwitch = api.EgressKillSwitch{Active: true, Reason: "a drill"} }, "kill switch", failed, "killswitch off"},
		"no policy":           {func(f *facts) { f.status.Version = 0 }, "policy", failed, "egress init"},
		"a broken policy":     {func(f *facts) { f.status.Problem = "line 3: what" }, "policy", failed, "rollback 3"},
		"audit":               {func(f *facts) { f.status.Mode = "audit" }, "mode", hollow, "mode strict"},
		"permissive":          {func(f *facts) { f.status.Mode = "permissive" }, "mode", hollow, "mode strict"},
		"default allow":       {func(f *facts) { f.status.Default = "allow" }, "mode", hollow, "default_policy: deny"},
		"this machine only":   {func(f *facts) { f.status.LocalOnly = true }, "network", hollow, "take the key out"},
		"disabled":            {func(f *facts) { f.status.Network = false }, "network", hollow, "egress enable"},
		"an expired rule":     {func(f *facts) { f.rules[0].Expires = f.now }, "rule", hollow, "egress remove a.example"},
		"a rule that expires": {func(f *facts) { f.rules[0].Expires = f.now.Add(expiresSoon) }, "rule", hollow, "renew"},
		"a key that is not enforced": {func(f *facts) {
			f.status.Unsupported = []api.EgressUnsupported{{Line: 2, Key: "alerts", Meaning: "not yet"}}
		}, "policy key", hollow, "take the key out"},
		"no recording":           {func(f *facts) { f.status.Recording = "no space left on device" }, "recording", failed, "make room"},
		"a changed record":       {func(f *facts) { f.record = api.EgressAuditReport{More: 2} }, "record", failed, "verify-audit"},
		"no variables":           {func(f *facts) { f.env = nil }, "this shell", hollow, "export http_proxy=http://127.0.0.1:8421"},
		"one variable":           {func(f *facts) { delete(f.env, "https_proxy") }, "this shell", hollow, "export"},
		"another port":           {func(f *facts) { f.env["https_proxy"] = "http://127.0.0.1:3128" }, "this shell", hollow, "export"},
		"another proxy":          {func(f *facts) { f.env["ALL_PROXY"] = "socks5://proxy.example:8421" }, "this shell", hollow, "export"},
		"a clock set back":       {func(f *facts) { f.last = f.now.Add(time.Hour) }, "clock", hollow, "set the clock"},
		"a policy of the future": {func(f *facts) { f.changed = f.now.Add(time.Hour) }, "clock", hollow, "set the clock"},
	} {
		t.Run(what, func(t *testing.T) {
			f := healthy()
			tt.spoil(&f)
			var found []egressCheck
			for _, c := range f.checks() {
				if c.Status != fine {
					found = append(found, c)
				}
			}
			if len(found) != 1 || found[0].Name != tt.name || found[0].Status != tt.status || !strings.Contains(found[0].Do, tt.todo) {
				t.Errorf("%+v", found)
			}
		})
	}
}

func TestWhatAProxyVariableLeadsTo(t *testing.T) {
	for value, want := range map[string]bool{
		"http://127.0.0.1:8421": true, "127.0.0.1:8421": true, "socks5h://localhost:8421": true, "http://[::1]:8421": true,
		"http://127.0.0.1:8422": false, "http://127.0.0.1": false, "http://192.0.2.1:8421": false, "": false, "http://%zz": false,
	} {
		if got := leadsTo(value, "127.0.0.1:8421"); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}
