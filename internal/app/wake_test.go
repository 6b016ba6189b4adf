package app

import (
	"testing"
	"testing/synctest"
	"time"
)

// who reads one event at a time is woken at once; who works in batches, once for all
// that comes within a moment.
func TestWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wakes{all: map[*waker]struct{}{}}
		at, leave := w.listen()
		batch, _ := w.gather()
		for range 10 {
			w.ring()
		}
		if len(at) != 1 || len(batch) != 0 {
			t.Errorf("at once %d and %d are woken, want the first", len(at), len(batch))
		}
		time.Sleep(gathering + time.Millisecond)
		if len(batch) != 1 {
			t.Errorf("after a moment the second has %d wakes, want 1", len(batch))
		}
		<-at
		<-batch
		leave()
		w.ring()
		time.Sleep(gathering + time.Millisecond)
		if len(at) != 0 || len(batch) != 1 {
			t.Errorf("after the first has left: %d and %d wakes, want 0 and 1", len(at), len(batch))
		}
	})
}
