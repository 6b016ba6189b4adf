package deploy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"go.cordon.dev/cordon/internal/config"
)

// Whoever renames a metric hears of the alerts and panels that read it.
func TestEveryMetricThatIsReadIsExposed(t *testing.T) {
	exposed := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(read(t, "../docs/metrics.md"), -1)
	names := map[string]bool{}
	for _, m := range exposed {
		names[m[1]] = true
	}
	asked := regexp.MustCompile(`\b(?:cordon|shhh)_[a-z_]+`)
	for _, file := range []string{"prometheus/cordon.rules.yml", "grafana/cordon.json"} {
		found := asked.FindAllString(read(t, file), -1)
		if len(found) < 5 {
			t.Errorf("%s asks for %d metrics: the search proves nothing", file, len(found))
		}
		for _, name := range found {
			if !names[name] && !names[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s asks for %s, which docs/metrics.md does not have", file, name)
			}
		}
	}
}

// A dashboard that Grafana would refuse, or whose panels cover each other,
// helps nobody.
func TestTheDashboardIsWellFormed(t *testing.T) {
	var d struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/cordon.json")), &d); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		if p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d (%s) has no title, no query, or no place", p.ID, p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("panels %q and %q cover each other", other, p.Title)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if len(d.Panels) < 8 {
		t.Errorf("%d panels", len(d.Panels))
	}
}

// compose is what the tests read of a compose file.
type compose struct {
	Services map[string]struct {
		Image   string
		Build   struct{ Context, Dockerfile string }
		Secrets []string
		Volumes []string
	}
	Secrets map[string]struct{ File string }
	Configs map[string]struct{ File string }
	Volumes map[string]any
}

func TestComposeFilesNameOnlyWhatIsThere(t *testing.T) {
	for _, file := range []string{"docker/compose.dev.yml", "docker/compose.prod.yml"} {
		var c compose
		if err := yaml.Unmarshal([]byte(read(t, file)), &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for name, s := range c.Services {
			if s.Image == "" && s.Build.Dockerfile == "" {
				t.Errorf("%s: service %s has neither image nor build", file, name)
			}
			if s.Build.Dockerfile != "" {
				read(t, filepath.Join("docker", s.Build.Context, s.Build.Dockerfile))
			}
			for _, secret := range s.Secrets {
				if _, ok := c.Secrets[secret]; !ok {
					t.Errorf("%s: service %s wants secret %s, which is not declared", file, name, secret)
				}
			}
			checkVolumes(t, file, c, s.Volumes)
		}
		for _, one := range c.Configs {
			read(t, filepath.Join("docker", one.File))
		}
	}
}

func checkVolumes(t *testing.T, file string, c compose, volumes []string) {
	t.Helper()
	for _, v := range volumes {
		name, _, _ := strings.Cut(v, ":")
		if _, declared := c.Volumes[name]; !declared && !strings.ContainsAny(name, "./$") {
			t.Errorf("%s: volume %s is not declared", file, name)
		}
	}
}

// The configuration of the two nodes is one that Cordon takes.
func TestTheNodesConfigurationIsTaken(t *testing.T) {
	dir := t.TempDir()
	for name, value := range map[string]string{
		"database.url":     "postgres://cordon:secret@postgres:5432/cordon?sslmode=disable",
		"installation.key": strings.Repeat("0f", 32),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "cordon.yaml")
	text := strings.ReplaceAll(read(t, "docker/cordon.prod.yaml"), "/run/secrets", dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Store.URL, "postgres://cordon:secret@") {
		t.Errorf("store.url is %q", c.Store.URL)
	}
	for _, w := range c.Warnings {
		if !strings.Contains(w, "plain HTTP") { // the compose file publishes the port on loopback, for a proxy
			t.Error(w)
		}
	}
}

// The image is built from what a clean clone has.
func TestTheDockerfileCopiesWhatIsThere(t *testing.T) {
	text := read(t, "docker/Dockerfile")
	copies := regexp.MustCompile(`(?m)^COPY ([^-\n].*) \S+$`).FindAllStringSubmatch(text, -1)
	if len(copies) < 3 {
		t.Fatalf("%d lines copy something: the search proves nothing", len(copies))
	}
	for _, m := range copies {
		for path := range strings.FieldsSeq(m[1]) {
			if _, err := os.Stat(filepath.Join("..", path)); err != nil {
				t.Errorf("the Dockerfile copies %s: %v", path, err)
			}
		}
	}
	last := text[strings.LastIndex(text, "\nFROM "):]
	if !strings.Contains(last, "FROM scratch") || !strings.Contains(last, "\nUSER 65532:65532") {
		t.Error("the image holds more than the program, or runs as root")
	}
}

// The unit's sandbox stays as tight as it was reviewed.
func TestTheUnitIsSandboxed(t *testing.T) {
	lines := strings.Split(read(t, "systemd/cordon.service"), "\n")
	for _, want := range []string{
		"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0", "StateDirectoryMode=0700",
		"MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes", "SystemCallFilter=@system-service",
		`ExecReload=/usr/bin/cordon config reload --data /var/lib/cordon --reason "systemctl reload"`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("cordon.service lacks %s", want)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
