package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a start would stumble over, a check of the configuration says.
func TestACheckLooksIntoWhatAStartNeeds(t *testing.T) {
	dir := t.TempDir()
	holds := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none, five := filepath.Join(dir, "none"), holds("five.yaml", "rules: 5\nplaybooks: 5\nmdoe: strict\n")
	for name, tt := range map[string]struct {
		text, says string
		code       int
	}{
		"anomaly rules":               {"anomaly: {rules: [" + five + "]}", "reading anomaly rules of " + five, 1},
		"anomaly rules that are away": {"anomaly: {rules: [" + none + "]}", "warning: a server needs what was not looked at: reading anomaly rules: open " + none, 0},
		"playbooks":                   {"respond: {playbooks: [" + five + "]}", "reading playbooks of " + five, 1},
		"playbooks that are away":     {"respond: {playbooks: [" + none + "]}", "warning: a server needs what was not looked at: reading playbooks", 0},
		"detection rules":             {"leak: {rules: {files: [" + five + "]}}", "leak.rules.files: ", 1},
		"a rule that is not there":    {"leak: {rules: {disable: [no-such-rule]}}", `there is no rule "no-such-rule"; cordon rules list shows all, unless an operator added it`, 0},
		"a source":                    {"leak: {sources: [{id: a, kind: hypercore-peer, path: zz}]}", `leak.sources[0] (a): path "zz": give KEY@HOST:PORT`, 1},
		"a certificate":               {"api: {tls: {cert: " + five + ", key: " + five + "}}", "api.tls: ", 1},
		"a certificate that is away":  {"api: {tls: {cert: " + none + ", key: " + none + "}}", "not looked at: api.tls: ", 0},
		"a certificate of syslog":     {"ingest: {syslog: {tls: {listen: '127.0.0.1:1', cert: " + none + ", key: " + none + "}}}", "not looked at: ingest.syslog.tls: ", 0},
		"the egress policy":           {"egress: {policy: " + five + "}", "warning: egress.policy: " + five, 0},
		"own secrets":                 {"egress: {own_secrets: {files: [" + none + "]}}", "not looked at: egress.own_secrets.files[0]", 0},
		"a service of a decky": {
			"deception: {deckies: [{name: d, archetype: linux-server, address: 127.0.0.1, services: [{kind: postgres, config: {auth: bogus}}]}]}",
			`decky "d": services[0] (postgres): config: auth is "bogus", want md5, scram-sha-256 or password`, 1,
		},
		"deckies that are good": {
			"deception: {deckies: [{name: d, archetype: linux-server, address: 127.0.0.1, services: [{kind: ssh}, {kind: telnet}, {kind: ftp}, {kind: http}, {kind: redis}, {kind: mysql}]}]}", "", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if text, code := said(t, "config", "check", "--data", dir, holds("cordon.yaml", tt.text)); code != tt.code || !strings.Contains(text, tt.says) || tt.says == "" && text != "" {
				t.Errorf("code %d: %s", code, text)
			}
		})
	}
}
