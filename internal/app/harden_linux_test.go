package app

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// limitsChild hardens this process, which could leave cores before, and prints
// what has come of it.
func limitsChild() int {
	var l unix.Rlimit
	err := harden()
	_ = unix.Getrlimit(unix.RLIMIT_CORE, &l)
	dumpable, _, errno := unix.Syscall(unix.SYS_PRCTL, unix.PR_GET_DUMPABLE, 0, 0)
	fmt.Printf("%v %d %d %d %v\n", err, l.Cur, l.Max, dumpable, errno)
	return 0
}

// What it comes to when a server is aborted is tested with the program itself,
// in cmd/cordon.
func TestTheProcessMayNotBeDumped(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childMode+"=limits")
	out, err := cmd.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != "<nil> 0 0 0 errno 0" {
		t.Errorf("error, core limit (soft, hard), dumpable = %q, %v; want all zero", got, err)
	}
}
