//go:build unix

package app

import (
	"os"
	"os/signal"
	"syscall"
)

// notifySwitch has SIGUSR1, which turns the kill switch on, sent to c until the
// returned function is called.
func notifySwitch(c chan<- os.Signal) (stop func()) {
	signal.Notify(c, syscall.SIGUSR1)
	return func() { signal.Stop(c) }
}
