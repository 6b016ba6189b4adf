package service

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Crew is the goroutines of one client's conversation besides that of Serve. In
// a goroutine that nobody guards a fault ends the process; one of a Crew is raised
// again by Wait, in the goroutine of Serve, where it ends this client alone. The
// zero value is ready.
type Crew struct {
	all   sync.WaitGroup
	mu    sync.Mutex
	fault *Fault // the first
}

// Fault is what Wait panics with. It has nothing of what a client sent.
type Fault struct {
	Kind  string // type of what the goroutine panicked with
	Stack []byte // of the goroutine
}

// Error implements error.
func (f *Fault) Error() string { return "a client's goroutine failed with " + f.Kind }

// Go runs a goroutine. When it fails, hangUp makes the others end, as by closing
// the connection.
func (c *Crew) Go(hangUp, run func()) {
	c.all.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				c.failed(&Fault{fmt.Sprintf("%T", r), debug.Stack()})
				hangUp()
			}
		}()
		run()
	})
}

func (c *Crew) failed(f *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault == nil {
		c.fault = f
	}
}

// Wait waits for all of them, and panics with a *Fault when one has failed.
func (c *Crew) Wait() {
	c.all.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault != nil {
		panic(c.fault)
	}
}
