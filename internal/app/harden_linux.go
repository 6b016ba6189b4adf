package app

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// harden keeps secrets that pass through memory out of core dumps and out of
// reach of other processes of the same user (prctl(2), getrlimit(2)).
func harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbidding core dumps: %w", err)
	}
	return conceal()
}

// conceal keeps the process's environment and memory from other processes of the
// same user (proc_pid_environ(5), ptrace(2)). Unlike a limit, what it starts does not
// inherit it.
func conceal() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("making the process non-dumpable: %w", err)
	}
	return nil
}
