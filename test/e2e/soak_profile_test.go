//go:build servers && soak

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// profiles is how many heap profiles a soak takes, at even distances.
const profiles = 5

// profiled has the node's serve be the program that writes heap profiles, into the
// artifacts of the soak.
func (n *node) profiled() {
	n.t.Helper()
	program := filepath.Join(n.t.TempDir(), "cordon")
	if err := compile(program, "./cmd/cordon/profiled", "servers", "soak"); err != nil {
		n.t.Fatal(err)
	}
	into := artifacts(n.t)
	n.prepare = func(serve *exec.Cmd) {
		serve.Path = program
		serve.Env = append(os.Environ(), "E2E_PROFILES="+into)
	}
}

// profile asks for heap profiles for so long.
func (n *node) profile(length time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	n.t.Cleanup(cancel)
	asking := time.NewTicker(length / profiles)
	go func() {
		defer asking.Stop()
		for range profiles {
			select {
			case <-asking.C:
				_ = n.cmd.Process.Signal(syscall.SIGUSR2)
			case <-ctx.Done():
				return
			}
		}
	}()
}
