package command

import (
	"context"
	"io"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// broken is an output that fails in a way that none should.
type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }

// A fault in what a program runs beside itself ends what it runs, not the process.
func TestAFaultBesideAProgramIsGuarded(t *testing.T) {
	c := clock.Real{}
	p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	var told []error
	m := shell.NewMachine(p, shell.Options{Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(), Report: func(err error) { told = append(told, err) }})
	for _, line := range []string{"timeout 60 /nowhere", "timeout 0 /nowhere"} {
		told = nil
		if status, _ := m.Run(context.Background(), shell.Login{User: "root", Command: line, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: broken{}}); status != 139 || len(told) != 1 {
			t.Errorf("%s: status %d, %v", line, status, told)
		}
	}
}
