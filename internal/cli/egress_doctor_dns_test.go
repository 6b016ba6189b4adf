package cli

import (
	"errors"
	"strings"
	"testing"
)

// The name server and those that it asks.
func TestNameServersAreJudged(t *testing.T) {
	for what, tt := range map[string]struct {
		spoil  func(*facts)
		status []string // of the name server, and of those that it asks
		says   string
	}{
		"all answer":       {func(*facts) {}, []string{fine, fine}, "2 name servers answer"},
		"none runs":        {func(f *facts) { f.status.DNS = "" }, []string{fine}, "does not run"},
		"no gateway":       {func(f *facts) { f.status.Listen, f.status.DNS = "", "" }, []string{fine}, "no server runs"},
		"it is deaf":       {func(f *facts) { f.dns.probe = errors.New("by udp: timeout") }, []string{failed, fine}, "does not answer: by udp: timeout"},
		"another machine":  {func(f *facts) { f.remote = true }, []string{fine, fine}, "of the server's machine"},
		"one is silent":    {func(f *facts) { f.dns.asks[0].Problem = "timeout" }, []string{fine, hollow}, "192.0.2.1:53: timeout"},
		"all are silent":   {func(f *facts) { f.dns.asks[0].Problem, f.dns.asks[1].Problem = "timeout", "refused" }, []string{fine, failed, hollow}, "192.0.2.2:53: refused"},
		"none is known":    {func(f *facts) { f.dns.asks = nil }, []string{fine, failed}, "no name server is known"},
		"nobody was asked": {func(f *facts) { f.dns.asks, f.status.KillSwitch.Active = nil, true }, []string{fine, fine}, "the kill switch is on"},
	} {
		t.Run(what, func(t *testing.T) {
			f := healthy()
			tt.spoil(&f)
			all := append([]egressCheck{f.names()}, f.upstream()...)
			text := ""
			for i, c := range all {
				text += c.Detail + "\n"
				if i >= len(tt.status) || c.Status != tt.status[i] || (c.Status == fine) != (c.Do == "") {
					t.Errorf("%d: %+v", i, c)
				}
			}
			if len(all) != len(tt.status) || !strings.Contains(text, tt.says) {
				t.Errorf("%d checks: %s", len(all), text)
			}
		})
	}
}
