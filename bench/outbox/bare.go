package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// bare sends as many messages of the same size to a receiver of the same kind, signed,
// one after the other for each webhook, by a client that keeps no queue and reads no
// event: what is left when all that a server does besides costs nothing.
func bare(o options) (perSecond float64, err error) {
	r := newReceiver()
	defer r.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.webhooks}}
	defer client.CloseIdleConnections()
	var lanes sync.WaitGroup
	errs := make(chan error, o.webhooks)
	began := time.Now()
	for hook := range o.webhooks {
		lanes.Go(func() {
			for n := range o.events {
				if err := r.Post(client, fmt.Sprintf("msg_%d_%d", hook, n), served.Alert(uint64(n), began)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	lanes.Wait()
	took := time.Since(began)
	select {
	case err := <-errs:
		return 0, fmt.Errorf("sending by a bare client: %w", err)
	default:
		return float64(r.count()) / took.Seconds(), nil
	}
}
