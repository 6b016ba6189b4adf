package settings_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzz/gateway/settings"
)

const example = `
name: gate-1
listen_a: 127.0.0.1:4001
listen_b: /ip4/127.0.0.1/tcp/4002
topics: [bzzz/coordination/v1]
follow_topics: false
events: http://127.0.0.1:8420
fingerprint_key: env:THE_KEY
replaced_keys: [env:OLD_KEY]
data: /var/lib/bzzz-gateway
max_topics: 10
max_peers: 20
max_message: 4096
queue: 30
scan_timeout: 500ms
min_confidence: 0.7
spool_megabytes: 5
`

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bzzz.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAFileWithEverySetting(t *testing.T) {
	for name, args := range map[string][]string{"by flag": {"--config", file(t, example)}, "by the environment": nil} {
		s, err := settings.Load(args, env("BZZZ_CONFIG_PATH", file(t, example), "CORDON_API_KEY", "k"), io.Discard)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		no := false
		want := settings.Settings{
			Name: "gate-1", ListenA: "/ip4/127.0.0.1/tcp/4001", ListenB: "/ip4/127.0.0.1/tcp/4002", Topics: []string{"bzzz/coordination/v1"},
			FollowTopics: &no, Events: "http://127.0.0.1:8420", FingerprintKey: "env:THE_KEY", ReplacedKeys: []string{"env:OLD_KEY"},
			Data: "/var/lib/bzzz-gateway", MaxTopics: 10, MaxPeers: 20, MaxMessage: 4096, Queue: 30, ScanTimeout: "500ms",
			MinConfidence: 0.7, SpoolMegabytes: 5, Key: "k",
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%s: %+v", name, s)
		}
		if s.Timeout() != 500*time.Millisecond || s.Follows() || !s.ToServer() {
			t.Errorf("%s: timeout %v, follows %v, to a server %v", name, s.Timeout(), s.Follows(), s.ToServer())
		}
	}
}

// The file that docs/bzzz.md shows is taken as it stands.
func TestTheFileOfTheDocumentationIsTaken(t *testing.T) {
	page, err := os.ReadFile("../../../docs/bzzz.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```yaml\n")
	text, _, found := strings.Cut(text, "```")
	s, err := settings.Load([]string{"--config", file(t, text)}, env("CORDON_API_KEY", "k"), io.Discard)
	if !found || err != nil || s.Name != "gate-1" || s.ListenA != "/ip4/192.0.2.1/tcp/4101" || s.Data != "/var/lib/bzzz-gateway" || !s.ToServer() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFlagsAloneAreEnough(t *testing.T) {
	s, err := settings.Load([]string{"--listen-a", ":0", "--listen-b", "[::1]:0", "--topic", "one", "--topic", "two", "--events", "out.jsonl"}, env("XDG_STATE_HOME", "/state"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if s.ListenA != "/ip4/0.0.0.0/tcp/0" || s.ListenB != "/ip6/::1/tcp/0" || len(s.Topics) != 2 || s.ToServer() || !s.Follows() || s.Data != "/state/bzzz-gateway" || s.MaxMessage != 1<<20 {
		t.Errorf("%+v", s)
	}
}

func TestAFlagIsOverTheFile(t *testing.T) {
	s, err := settings.Load([]string{"--config", file(t, example), "--name", "other", "--topic", "t"}, env(), io.Discard)
	if err != nil || s.Name != "other" || len(s.Topics) != 1 || s.Topics[0] != "t" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	good := []string{"--listen-a", ":1", "--listen-b", ":2", "--events", "f", "--data", "d"}
	tests := map[string]struct {
		file string
		args []string
		want string
	}{
		"a key nobody knows":  {"name: x\ncolour: red\n", good, `unknown field "colour"`},
		"a bad name":          {"name: Gate_1\n", good, "name:"},
		"no listener":         {"", []string{"--listen-b", ":2", "--events", "f"}, "listen_a:"},
		"a host by name":      {"listen_a: gate.example:1\n", []string{"--listen-b", ":2", "--events", "f"}, "no IP address"},
		"nowhere to report":   {"", []string{"--listen-a", ":1", "--listen-b", ":2"}, "events:"},
		"a bad time":          {"scan_timeout: soon\n", good, "scan_timeout:"},
		"a frame too large":   {"max_message: 17000000\n", good, "max_message:"},
		"too sure":            {"min_confidence: 1.5\n", good, "min_confidence:"},
		"no room":             {"queue: -1\n", good, "queue:"},
		"an argument":         {"", append([]string{"start"}, good...), "takes flags only"},
		"another type":        {"max_peers: many\n", good, "max_peers"},
		"a file that is away": {"", append([]string{"--config", "/does/not/exist"}, good...), "reading the configuration"},
	}
	for name, tt := range tests {
		args := append([]string{"--config", file(t, tt.file)}, tt.args...)
		if name == "an argument" {
			args = tt.args
		}
		if _, err := settings.Load(args, env("HOME", "/h"), io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHelpListsTheFlags(t *testing.T) {
	var out bytes.Buffer
	_, err := settings.Load([]string{"--help"}, env(), &out)
	if !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "listen-a") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestReadKey(t *testing.T) {
	raw := bytes.Repeat([]byte{9}, 32)
	text := hex.EncodeToString(raw)
	tests := map[string]struct {
		reference string
		ok        bool
	}{
		"a file in hex":     {"file:" + file(t, text+"\n"), true},
		"a file of bytes":   {"file:" + file(t, string(raw)), true},
		"a variable":        {"env:THE_KEY", true},
		"an unset variable": {"env:OTHER", false},
		"no file":           {"file:/does/not/exist", false},
		"inline":            {text, false},
	}
	for name, tt := range tests {
		k, err := settings.ReadKey(tt.reference, env("THE_KEY", text))
		if (err == nil) != tt.ok || tt.ok && k.Secret(nil) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := settings.Parse(text); err != nil && s.Key != "" {
			t.Error("a file gave an API key")
		}
	})
}
