//go:build servers

package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/testdebian"
)

// promtool is Prometheus' own word on the rules, and runs their tests.
func TestPromtoolAcceptsTheRules(t *testing.T) {
	promtool := testdebian.Program(t, "prometheus", "promtool")
	for _, args := range [][]string{
		{"check", "rules", "cordon.rules.yml"},
		{"test", "rules", "cordon.rules.test.yml"},
		{"check", "config", "scrape.yml"},
	} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "prometheus"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// systemd reads the unit and finds nothing to complain about.
func TestSystemdAcceptsTheUnit(t *testing.T) {
	exe, err := os.Executable() // any program will do in place of the installed one
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	unit := filepath.Join(dir, "cordon.service")
	write(t, unit, strings.ReplaceAll(read(t, "systemd/cordon.service"), "/usr/bin/cordon", exe))
	// The drop-ins of the documentation are read with it.
	inis := strings.Split(read(t, "../docs/operations.md"), "```ini\n")[1:]
	if len(inis) != 2 {
		t.Fatalf("docs/operations.md has %d drop-ins", len(inis))
	}
	for i, ini := range inis {
		ini, _, _ = strings.Cut(ini, "```")
		write(t, filepath.Join(dir, "cordon.service.d", string(rune('a'+i))+".conf"), ini)
	}
	analyze := testdebian.Program(t, "systemd", "systemd-analyze")
	cmd := exec.Command(analyze, "verify", "--man=no", unit)
	// Where systemd was only unpacked, the targets lie beside it; after the colon come the usual places.
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+filepath.Join(filepath.Dir(analyze), "lib/systemd/system")+":")
	if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
