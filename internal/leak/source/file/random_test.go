package file

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// turns makes up what a rotator does in several turns: chains of renamed files,
// compressed at once, in the next turn or never, of which the oldest go.
type turns struct {
	rt    *rapid.T
	names []string // what was rotated away, newest first
	steps []step
}

func (r *turns) add(parts ...any) { r.steps = append(r.steps, inTurn(parts...)...) }

// turn is one rotation.
func (r *turns) turn(copying, compress, delay bool, keep int) {
	if delay && len(r.names) > 0 && r.names[0] == ".1" {
		r.add(compressed(".1"))
		r.names[0] = ".1.gz"
	}
	for i, name := range slices.Backward(r.names) {
		to := fmt.Sprintf(".%d", i+2)
		if len(name) > 3 && name[len(name)-3:] == ".gz" {
			to += ".gz"
		}
		r.add(rename(name, to))
		r.names[i] = to
	}
	r.names = slices.Insert(r.names, 0, ".1")
	if copying {
		r.add(copied(".1"))
	} else {
		r.add(rename("", ".1"), create)
	}
	if n := len(r.names) - 1; n >= keep {
		r.add(removeRead(r.names[n]))
		r.names = r.names[:n]
	}
	r.add(write(rapid.IntRange(1, 20).Draw(r.rt, "lines")))
	if compress && !delay {
		r.add(compressed(".1"))
		r.names[0] = ".1.gz"
	}
}

// removeRead removes a file when all that was written so far has been read; one
// that nobody read would be lost.
func removeRead(name string) step {
	return func(s *stage) {
		if len(s.sink.Numbers()) == s.next {
			s.must(os.Remove(s.path + name))
		}
	}
}

// TestLongInterleavings lets a rotator take several turns, at any pace, while the
// follower is stopped at any place.
func TestLongInterleavings(t *testing.T) {
	with := newTools()
	rapid.Check(t, func(rt *rapid.T) {
		r := &turns{rt: rt}
		copying, compress, delay := rapid.Bool().Draw(rt, "copy"), rapid.Bool().Draw(rt, "compress"), rapid.Bool().Draw(rt, "delay")
		for range rapid.IntRange(1, 4).Draw(rt, "turns") {
			r.turn(copying, compress, compress && delay, 3)
		}
		how := schedule{halt: rapid.IntRange(-1, 150).Draw(rt, "stopped at"), torn: rapid.Bool().Draw(rt, "torn")}
		how.age = rapid.SampledFrom(ages[:]).Draw(rt, "age")
		next := 0
		for range r.steps {
			next += rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3, 5, 8, 13, 21, 34}).Draw(rt, "operations")
			how.at = append(how.at, next)
		}
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		s := newStage(rt, dir, script{before: inTurn(write(9)), steps: r.steps, fresh: rapid.Bool().Draw(rt, "nobody has looked")}, how, with)
		defer s.close()
		s.play()
		if v := s.verdict(); v != "" {
			rt.Fatalf("%+v: %s", how, v)
		}
	})
}
