package main

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"go.cordon.dev/cordon/internal/app"
)

// unprivileged is cordon as a user who is nobody, if root runs it: root may read what
// others may not, which would hide what is tested. Who changes its user cannot be looked
// into any more; who was started by that user can.
func unprivileged() {
	const nobody = 65534
	if os.Geteuid() == 0 {
		if err := syscall.Setuid(nobody); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(app.Main(os.Args[1:]))
}
