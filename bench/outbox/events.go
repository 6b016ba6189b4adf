package main

import (
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// send sends the events, a batch after the other.
func send(s *served.Server, o options) error {
	for from := 0; from < o.events; from += o.batch {
		var batch []string
		for n := from; n < min(from+o.batch, o.events); n++ {
			batch = append(batch, served.Alert(uint64(n), time.Now()))
		}
		if err := s.Say(batch...); err != nil {
			return err
		}
	}
	return nil
}
