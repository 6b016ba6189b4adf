//go:build !unix

package app

import "os"

// notifySwitch does nothing where there is no SIGUSR1.
func notifySwitch(chan<- os.Signal) (stop func()) { return func() {} }
