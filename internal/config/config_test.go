package config

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

const whole = `
data: {dir: /srv/cordon}
api: {listen: "127.0.0.1:9000"}
leak:
  policy: {min_severity: HIGH, min_confidence: 0.7}
  sources:
    - id: agents
      kind: hypercore
      path: /logs/current.log
      message_types: {include: [task_result], exclude: [heartbeat]}
      encryption_key: env:CORE_KEY
notify:
  webhooks:
    - {id: oncall, url: "https://hooks.example/x", secret: "file:/run/hook", topics: ["leak.>"], min_severity: high}
`

func TestParseReadsAWholeFile(t *testing.T) {
	c, err := Parse([]byte(whole), env())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Leak.Policy.SeverityBar().String(); got != "high" {
		t.Errorf("severity bar = %s, want high: YAML reads any case", got)
	}
	src := c.Leak.Sources[0]
	if src.EncryptionKey.String() != "env:CORE_KEY" || src.MessageTypes.Include[0] != "task_result" {
		t.Errorf("source = %+v", src)
	}
	if c.Store.URL != "sqlite:/srv/cordon/cordon.db" {
		t.Errorf("store.url = %q", c.Store.URL)
	}
}

func TestBadInputIsNamedWithItsPlace(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown section", "leek: {}\n", `[1:1] unknown field "leek"; did you mean "leak"?`},
		{"node name", "node: {name: a b}\n", "node.name: \"a b\" is not"},
		{"unknown key", "api:\n  listn: x\n", `[2:3] unknown field "listn"; did you mean "listen"?`},
		{"unknown key of a list", "notify:\n  webhooks:\n    - {id: a, ulr: x}\n", `[3:15] unknown field "ulr"; did you mean "url"?`},
		{"key of another section", "api: {webhooks: []}\n", `[1:7] unknown field "webhooks"; known here: allow, listen, rate_limit, tls, trusted_proxies`},
		{"tab", "leak:\n\tsources: []\n", "it is a tab; YAML is indented with spaces"},
		{"duplicate key", "api: {}\napi: {}\n", "[2:1]"},
		{"wrong type", "leak: {sources: 5}\n", "[1:17]"},
		{"not YAML", "a: [\n", "[1:4]"},
		{"severity", "leak: {policy: {min_severity: huge}}\n", `"huge" is not one of info, low`},
		{"info bar", "leak: {policy: {min_severity: info}}\n", "info never enters quarantine"},
		{"confidence", "leak: {policy: {min_confidence: 7}}\n", "not between 0 and 1"},
		{"confidence that is no number", "leak: {policy: {min_confidence: .nan}}\n", "not between 0 and 1"},
		{"confidence of a severity", "leak: {policy: {confidence: {high: 1.5}}}\n", "leak.policy.confidence.high: 1.5 is not between 0 and 1"},
		{"confidence of info", "leak: {policy: {confidence: {info: 0.5}}}\n", `unknown field "info"`},
		{"policy of a source", "leak: {sources: [{id: a, kind: dir, path: /x, policy: {min_severity: info}}]}\n", "leak.sources[0].policy.min_severity: info never"},
		{"message type", "leak: {sources: [{id: a, kind: dir, path: /x, message_types: {include: [\"a*b\"]}}]}\n", `leak.sources[0].message_types: "a*b"`},
		{"listen", "api: {listen: nowhere}\n", "not HOST:PORT"},
		{"port", "api: {listen: \"127.0.0.1:99999\"}\n", `port "99999"`},
		{"store", "store: {url: \"oracle://u:hunter2@h/db\"}\n", `"oracle:..." is not supported`},
		{"bus", "bus: {url: \"http://x\"}\n", "bus.url"},
		{"log", "log: {level: loud}\n", `"loud" is not one of`},
		{"source id", "leak: {sources: [{id: a.b, kind: dir, path: /x}]}\n", `leak.sources[0].id: "a.b"`},
		{"source twice", "leak: {sources: [{id: a, kind: dir, path: /x}, {id: a, kind: dir, path: /y}]}\n", "leak.sources[1].id: \"a\" is taken"},
		{"source kind", "leak: {sources: [{id: a, kind: pigeon, path: /x}]}\n", `leak.sources[0].kind: "pigeon" is not one of bzzz-log, dir, file, hypercore, hypercore-peer, stdin`},
		{"webhook format", "notify: {webhooks: [{id: a, url: \"https://x.example\", topics: [leak.>], format: fax}]}\n", `notify.webhooks[0].format: "fax" is not one of cef, discord, email, generic, pagerduty, slack, syslog, teams, template`},
		{"source path", "leak: {sources: [{id: a, kind: dir}]}\n", "kind and path are mandatory"},
		{"webhook topics", "notify: {webhooks: [{id: a, url: \"https://x\"}]}\n", "notify.webhooks[0]: give topics"},
		{"webhook url", "notify: {webhooks: [{id: a, presets: [Leaks]}]}\n", "notify.webhooks[0]: url is mandatory"},
		{"webhook preset", "notify: {webhooks: [{id: a, url: \"https://x\", presets: [Leek]}]}\n", `notify.webhooks[0].presets: "Leek" is not one of Leaks`},
		{"webhook escalation", "notify: {webhooks: [{id: a, url: \"https://x\", presets: [Leaks], escalate: [{after: soon, to: a}]}]}\n", "notify.webhooks[0].escalate: after: \"soon\" is not a duration"},
		{"webhook confidence", "notify: {webhooks: [{id: a, url: \"https://x\", presets: [Leaks], min_confidence: .nan}]}\n", "notify.webhooks[0].min_confidence: NaN"},
		{"webhook pattern", "notify: {webhooks: [{id: a, url: \"https://x\", topics: [\"leak..x\"]}]}\n", "notify.webhooks[0].topics"},
		{"inline sealing key", "fingerprint: {sealing_key: abc}\n", "fingerprint.sealing_key: give it as file:PATH or env:NAME"},
		{"inline installation key", "fingerprint: {key: abc}\n", "file:PATH or env:NAME"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.yaml), env())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want it to contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Fatal("the error shows a password")
			}
		})
	}
}

func TestEnvironmentOverridesEveryKey(t *testing.T) {
	c, err := Parse([]byte(whole), env(
		"DATABASE_URL", "sqlite:/tmp/plan.db",
		"HYPERCORE_LOG_PATH", "/hypercore/current.log",
		"CORDON_API_LISTEN", "127.0.0.1:1",
		"CORDON_LEAK_POLICY_MIN_SEVERITY", "critical",
		"CORDON_NOTIFY_WEBHOOKS", `[{id: a, url: "https://x", topics: [">"]}]`,
	))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Store.URL, c.API.Listen, c.Leak.Policy.SeverityBar().String(), c.Notify.Webhooks[0].ID, c.Leak.Sources[1].Path}
	want := []string{"sqlite:/tmp/plan.db", "127.0.0.1:1", "critical", "a", "/hypercore/current.log"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEnvironmentErrorsNameTheVariable(t *testing.T) {
	_, err := Parse(nil, env("CORDON_NOTIFY_WEBHOOKS", "[{idd: a}]"))
	if err == nil || !strings.Contains(err.Error(), "CORDON_NOTIFY_WEBHOOKS") {
		t.Fatalf("error = %v", err)
	}
}

func TestAnAbsentSectionIsOff(t *testing.T) {
	c, err := Parse([]byte("api: {}\n"), env())
	if err != nil {
		t.Fatal(err)
	}
	if c.Leak != nil || c.Notify != nil {
		t.Error("a section that the file does not have is on")
	}
}

func TestDefaultWatchesADropFolderBesideTheData(t *testing.T) {
	c, err := Default("/srv/cordon", env())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Leak.Sources[0]; got.Path != "/srv/cordon-drop" || got.Kind != "dir" {
		t.Errorf("source = %+v", got)
	}
}

func TestDefaultDataDirectory(t *testing.T) {
	tests := []struct {
		name string
		env  []string
		euid int
		want string
	}{
		{"XDG", []string{"XDG_STATE_HOME", "/s", "HOME", "/home/a"}, 1000, "/s/cordon"},
		{"home", []string{"HOME", "/home/a"}, 1000, "/home/a/.local/state/cordon"},
		{"root", []string{"HOME", "/root"}, 0, "/var/lib/cordon"},
		{"relative XDG does not count", []string{"XDG_STATE_HOME", "s"}, 1000, "/var/lib/cordon"},
	}
	for _, tt := range tests {
		if got := defaultDataDir(env(tt.env...), tt.euid); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPrintShowsReferencesAndNoValues(t *testing.T) {
	c, err := Parse([]byte(`notify: {webhooks: [{id: a, url: "https://h/T000/hunter2", secret: hunter2, topics: [">"]}]}`), env())
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Print()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") || !strings.Contains(string(b), "[redacted]") {
		t.Errorf("printed:\n%s", b)
	}
	if len(c.Warnings) != 2 || !strings.Contains(c.Warnings[0], "notify.webhooks[0].secret") || !strings.Contains(c.Warnings[1], "notify.webhooks[0].url") {
		t.Errorf("warnings = %q", c.Warnings)
	}
	back, err := Parse(b, env())
	if err != nil || len(back.Notify.Webhooks) != 1 {
		t.Errorf("what Print wrote does not parse: %v", err)
	}
}

// An address that is a host only is no credential, and neither is a reference.
func TestAddressesThatAreNoCredentialWarnOfNothing(t *testing.T) {
	for url, warned := range map[string]int{
		"https://h.example": 0, "https://h.example/": 0, "env:HOOK": 0, "file:/run/hook": 0,
		"https://h.example/services/T000": 1, "https://u:p@h.example": 1, "https://h.example/?key=x": 1,
	} {
		c, err := Parse([]byte(`notify: {webhooks: [{id: a, url: "`+url+`", topics: [">"]}]}`), env())
		if err != nil || len(c.Warnings) != warned {
			t.Errorf("%s: warnings %q, %v", url, c.Warnings, err)
		}
	}
}

func TestErrorsOfAFileNeverShowItsText(t *testing.T) {
	_, err := Parse([]byte("notify:\n  webhooks:\n    - secret: hunter2\n      idd: x\n"), env())
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("error = %v", err)
	}
}

func TestListenOnAllAddressesWarns(t *testing.T) {
	c, err := Parse([]byte(`api: {listen: "0.0.0.0:80"}`), env())
	if err != nil || len(c.Warnings) != 1 {
		t.Fatalf("warnings = %q, err = %v", c.Warnings, err)
	}
}

var update = flag.Bool("update", false, "write docs/configuration.schema.json anew")

func TestSchemaIsFresh(t *testing.T) {
	const file = "../../docs/configuration.schema.json"
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(b, committed) {
		t.Errorf("%s is stale (%v): run make generate", file, err)
	}
	for _, key := range []string{`"min_severity"`, `"encryption_key"`, `"allow_private"`, `"listen"`, `"additionalProperties": false`} {
		if !bytes.Contains(b, []byte(key)) {
			t.Errorf("schema lacks %s", key)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b, env())
		if (c == nil) == (err == nil) {
			t.Fatal("neither a configuration nor an error")
		}
	})
}
