package scp

import (
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// machine has scp and next to nothing else.
func machine(t *testing.T) *shell.Machine {
	t.Helper()
	p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, time.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	tree := vfs.NewTree(time.Now())
	for name, n := range map[string]vfs.Node{
		"/etc/passwd": {Mode: 0o644, Data: []byte("root:x:0:0::/w:/bin/bash\n")}, "/usr/bin/scp": {Mode: 0o755, Data: []byte("\x7fELF")},
		"/w": {Mode: fs.ModeDir | 0o755}, "/w/a.txt": {Mode: 0o644, Data: []byte("some text\n")}, "/w/d/a": {Target: "."}, "/w/d/b": {Target: "."},
	} {
		tree.Add(name, n)
	}
	near := func(context.Context, *shell.Proc) int { return 42 }
	return shell.NewMachine(p, shell.Options{
		Clock: clock.Real{}, Files: vfs.New(tree, time.Now, vfs.Limits{}), Commands: map[string]shell.Command{"scp": Command(near)}, Limits: shell.Limits{Steps: 2000},
	})
}

func TestAMachinesProgramTellsTheSidesApart(t *testing.T) {
	for args, want := range map[string]struct {
		status int
		out    string
	}{"scp file host:": {42, ""}, "scp -f a.txt": {0, "C0644 10 a.txt\nsome text\n\x00"}} {
		var out bytes.Buffer
		status, _ := machine(t).Run(context.Background(), shell.Login{
			User: "root", Command: args, Stdin: strings.NewReader("\x00\x00\x00"), Stdout: &out, Stderr: &out,
		})
		if status != want.status || out.String() != want.out {
			t.Errorf("%s: status %d, %q, want %+v", args, status, out.String(), want)
		}
	}
}

// A copy of a folder that leads back to itself ends with the login's budget.
func TestACopyWithoutEndIsStopped(t *testing.T) {
	var out bytes.Buffer
	_, killed := machine(t).Run(context.Background(), shell.Login{
		User: "root", Command: "scp -r -f d", Stdin: strings.NewReader(strings.Repeat("\x00", 200_000)), Stdout: &out, Stderr: &out,
	})
	if n := strings.Count(out.String(), "D0"); killed != "KILL" || n > 3000 || n < 100 {
		t.Errorf("%d folders are sent, then %q", n, killed)
	}
}
