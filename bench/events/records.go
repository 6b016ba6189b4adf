package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// flow is what senders got rid of.
type flow struct {
	taken, spooled, refused atomic.Int64 // records
	took                    time.Duration
}

// flood sends batches of records for a while: as fast as they are taken, or at a rate
// of records a second, one sender after the other.
func flood(s *served.Server, o options, rate int, long time.Duration) (*flow, error) {
	f, began := &flow{}, time.Now()
	var senders sync.WaitGroup
	errs := make(chan error, o.senders)
	for n := range o.senders {
		senders.Go(func() {
			var every, first time.Duration
			if rate > 0 {
				every = time.Duration(o.batch*o.senders) * time.Second / time.Duration(rate)
				first = every * time.Duration(n) / time.Duration(o.senders)
			}
			for i := 0; time.Since(began) < long; i++ {
				time.Sleep(time.Until(began.Add(first + time.Duration(i)*every)))
				if err := f.send(s, records(n, i, o.batch)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	senders.Wait()
	f.took = time.Since(began)
	select {
	case err := <-errs:
		return nil, err
	default:
		return f, nil
	}
}

// records are failed logins from addresses that come by seldom, so that few are too
// many.
func records(sender, number, count int) []byte {
	type record struct {
		Kind       string            `json:"kind"`
		Time       time.Time         `json:"time"`
		SourceIP   string            `json:"source_ip"`
		User       string            `json:"user"`
		Attributes map[string]string `json:"attributes"`
	}
	all := make([]record, count)
	for i := range all {
		k := (number*count+i)*16 + sender
		all[i] = record{"auth_failed", time.Now().UTC(), fmt.Sprintf("%d.%d.%d.%d", 11+k>>22&0x3f, k>>14&0xff, k>>6&0xff, k&0x3f), fmt.Sprintf("user-%d", k), map[string]string{"service": "sshd"}}
	}
	b, _ := json.Marshal(all) // texts and times
	return b
}

// send sends a batch and counts what became of it.
func (f *flow) send(s *served.Server, batch []byte) error {
	r, err := s.Do(http.MethodPost, "/events", bytes.NewReader(batch))
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Accepted int64 `json:"accepted"`
		Spooled  bool  `json:"spooled"`
	}
	if r.StatusCode != http.StatusAccepted {
		f.refused.Add(1)
		if r.StatusCode < 500 && r.StatusCode != http.StatusTooManyRequests {
			return fmt.Errorf("%s: %s", r.Status, body)
		}
		return nil
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	f.taken.Add(answer.Accepted)
	if answer.Spooled {
		f.spooled.Add(answer.Accepted)
	}
	return nil
}
