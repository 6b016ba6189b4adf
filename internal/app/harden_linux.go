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
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("making the process non-dumpable: %w", err)
	}
	return nil
}
