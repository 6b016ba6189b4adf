package command

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// tree is shared by machines: nobody changes it.
func tree(p *persona.Persona) *vfs.Tree {
	once.Do(func() { trees["linux-server"] = world.Tree(p, clock.Real{}.Now) })
	return trees["linux-server"]
}

var (
	once  = &sync.Once{}
	trees = map[string]*vfs.Tree{}
)

func machine(t testing.TB) (*shell.Machine, *servicetest.Sink, *service.Session) {
	t.Helper()
	c := clock.Real{}
	p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	m := shell.NewMachine(p, shell.Options{Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(), Processes: Processes(p, c.Now())})
	sink := &servicetest.Sink{}
	return m, sink, service.NewSession(sink, c, "decky-1", "ssh", netip.MustParseAddrPort("203.0.113.9:40022"), netip.MustParseAddrPort("192.0.2.7:22"))
}

// result is what a command line printed and how it ended.
type result struct {
	out, err string
	status   int
}

func run(t testing.TB, m *shell.Machine, s *service.Session, user, line string, env ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	status, _ := m.Run(ctx, shell.Login{User: user, Command: line, Env: env, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Session: s})
	return result{out.String(), errs.String(), status}
}

// fixture is what the compared command lines work on.
const fixture = `mkdir -p d/sub e; printf 'alpha\nbeta\ngamma\nbeta\n' > a.txt; printf 'one two three\nfour five six\n10 20 30\n\nlast line' > b.txt; printf 'x:1:y\nz:22:w\n' > c.csv; printf 'deep\n' > d/sub/f.log; printf '#!/bin/sh\n' > run.sh; chmod 755 run.sh; ln -s a.txt link; printf '5\n3\n10\n3\n' > n.txt; printf 'a\tb\0c\n' > bin`

// real runs a command line in the machine's own bash, in a folder of its own.
func real(t testing.TB, dir, line string) result {
	t.Helper()
	cmd := exec.Command("/bin/bash", "-c", line)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC0", "HOME=" + dir}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	status := 0
	if e, ok := err.(*exec.ExitError); ok {
		status = e.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), status}
}

// Each line of testdata/*.txt gives the same output, errors and status as the
// real programs of Debian 12 on the same files.
func TestAsTheRealOnes(t *testing.T) {
	servicetest.PlainSignals(t)
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no command lines", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			for line := range strings.Lines(string(text)) {
				if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' {
					compare(t, line)
				}
			}
		})
	}
}

func compare(t *testing.T, line string) {
	t.Helper()
	dir := t.TempDir()
	want := real(t, dir, fixture+"\n"+line)
	m, _, _ := machine(t)
	got := run(t, m, nil, "root", "mkdir -p "+dir+"; cd "+dir+"\n"+fixture+"\n"+line, "LC_ALL=C", "TZ=UTC0")
	clean := func(s string) string {
		for _, p := range []string{"/bin/bash: line 2: ", "/bin/bash: line 1: ", "bash: line 3: ", "bash: line 2: ", "bash: line 1: "} {
			s = strings.ReplaceAll(s, p, "")
		}
		return s
	}
	got.err, want.err = clean(got.err), clean(want.err)
	if got != want {
		t.Errorf("%s\n got %d %q\n     %q\nwant %d %q\n     %q", line, got.status, got.out, got.err, want.status, want.out, want.err)
	}
}

func TestThereAreEnough(t *testing.T) {
	all := All()
	for name, c := range all {
		if c == nil {
			t.Errorf("%s is named and does nothing", name)
		}
	}
	if len(all) < 150 {
		t.Errorf("%d programs", len(all))
	}
	t.Logf("%d programs", len(all))
}

// Whatever a user can start is there for a reason: each program of the tree
// behaves, and each program that behaves has its file.
func TestProgramsAndFilesAgree(t *testing.T) {
	m, _, _ := machine(t)
	v := m.Files().As(vfs.Cred{})
	for name := range All() {
		found := false
		for _, dir := range []string{"/usr/bin/", "/usr/sbin/"} {
			_, err := v.Stat(dir + name)
			found = found || err == nil
		}
		if !found {
			t.Errorf("%s has no file", name)
		}
	}
	for _, dir := range []string{"/usr/bin", "/usr/sbin"} {
		list, err := v.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			real, err := v.Real(dir + "/" + i.Name)
			if err != nil {
				t.Errorf("%s/%s leads nowhere: %v", dir, i.Name, err)
				continue
			}
			if base := filepath.Base(real); All()[base] == nil && All()[i.Name] == nil && !strings.Contains(silent, " "+base+" ") {
				t.Errorf("%s/%s does nothing", dir, i.Name)
			}
		}
	}
}

// silent are shells, which are elsewhere, and daemons, which nobody starts.
const silent = " kmod bash dash sh rbash sshd cron rsyslogd agetty udevadm dhclient systemd dbus-daemon nginx qemu-ga postgres "
