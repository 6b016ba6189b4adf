package main

import (
	"sync"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// alerts sends alerts and remembers when.
type alerts struct {
	server *served.Server
	mu     sync.Mutex
	sent   map[uint64]time.Time
}

// send sends alerts at a rate a second, each by itself.
func (a *alerts) send(rate int, long time.Duration) error {
	began, errs := time.Now(), make(chan error, 1)
	var under sync.WaitGroup
	for n := range int(long.Seconds()) * rate {
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))))
		under.Go(func() {
			if err := a.one(uint64(n)); err != nil {
				select {
				case errs <- err:
				default:
				}
			}
		})
	}
	under.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func (a *alerts) one(n uint64) error {
	now := time.Now()
	a.mu.Lock()
	a.sent[n] = now
	a.mu.Unlock()
	return a.server.Say(served.Alert(n, now))
}
