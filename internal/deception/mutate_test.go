package deception

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/deception/service"
)

// generation is a spec that has mutated so often.
func generation(n int, s Spec) Spec {
	s.Generation = n
	return s
}

// Whoever comes after a mutation meets another host at the same port; whoever was there
// goes on with the one that he knows.
func TestAMutationIsAnotherHostAtTheSamePort(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("a", 0), spec("b", 0))
	before := r.Deckies()
	old, oldReader := r.client(0)
	r.set(generation(1, spec("a", 0)), spec("b", 0))
	after := r.Deckies()
	if after[0].Hostname == before[0].Hostname || after[0].Generation != 1 || after[0].Services[0].Port != before[0].Services[0].Port || after[0].State != Running {
		t.Errorf("before %+v, after %+v", before[0], after[0])
	}
	if after[1].Hostname != before[1].Hostname {
		t.Error("another decky mutated too")
	}
	r.client(0) // sees the new name
	fmt.Fprintln(old, "still here")
	if line, err := oldReader.ReadString('\n'); line != "still here\n" {
		t.Errorf("who was there hears %q, error %v", line, err)
	}
	if got := r.Deckies()[0].Services[0].Sessions; got != 2 {
		t.Errorf("%d sessions are counted", got)
	}
	r.set(spec("a", 0), spec("b", 0))
	if got := r.Deckies()[0].Hostname; got != before[0].Hostname {
		t.Errorf("the first generation is another host now: %s", got)
	}
}

// Nobody is turned away while a decky mutates, however often.
func TestAPortStaysOpenWhileItsDeckyMutates(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("a", 0))
	at := fmt.Sprint("127.0.0.1:", r.Deckies()[0].Services[0].Port)
	stop, failed := make(chan struct{}), make(chan error, 1)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			c, err := net.Dial("tcp", at)
			if err == nil {
				_, err = c.Read(make([]byte, 1)) // is greeted
				_ = c.Close()
			}
			if err != nil && !strings.Contains(err.Error(), "reset") && !errors.Is(err, io.EOF) { // cut off by a later generation
				select {
				case failed <- err:
				default:
				}
			}
		}
	})
	for n := range 50 {
		r.set(generation(n+1, spec("a", 0)))
	}
	close(stop)
	wait.Wait()
	select {
	case err := <-failed:
		t.Errorf("somebody was turned away: %v", err)
	default:
	}
}

// Clients of an earlier generation are cut off when their time is over, or when there is
// a later one than the next.
func TestAnEarlierGenerationEnds(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"its time is over":  func(r *rig) { r.clock.Advance(drainFor) },
		"the next but one":  func(r *rig) { r.set(generation(2, spec("a", 0))) },
		"the decky is gone": func(r *rig) { r.set(spec("b", 0)) },
		"the fleet ends":    func(r *rig) { r.end() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Limits{})
			r.set(spec("a", 0))
			_, reader := r.client(0)
			r.set(generation(1, spec("a", 0)))
			end(r)
			if line, err := reader.ReadString('\n'); err == nil {
				t.Errorf("who was there hears %q", line)
			}
			r.sink.Wait(t, service.Disconnected, 1)
		})
	}
}

// What rotates is there in some generations and not in others, the rest in all.
func TestServicesRotate(t *testing.T) {
	r := newRig(t, Limits{})
	s := spec("a", 0)
	s.Rotate = []ServiceSpec{{Kind: "parrot", Port: 0}, {Kind: "parrot", Port: 0}}
	seen := map[int]bool{}
	for n := range 12 {
		r.set(generation(n, s))
		seen[len(r.Deckies()[0].Services)] = true
	}
	if !seen[1] || !seen[2] || !seen[3] {
		t.Errorf("numbers of services: %v", seen)
	}
	s.Rotate[1].Config = service.Config{"no_such": 1}
	if err := r.Check([]Spec{s}); err == nil {
		t.Error("a fault of what is not there now is not said")
	}
}

// How often a decky mutates is no part of who it is.
func TestAnotherRhythmDisturbsNobody(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{}
	s := spec("a", 0)
	k := keeper(t, r, m, s)
	c, reader := r.client(0)
	s.MutateEvery = time.Hour
	if err := errors.Join(k.Configure([]Spec{s}, 2*time.Hour), k.turn(t.Context())); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(c, "still here")
	if line, err := reader.ReadString('\n'); line != "still here\n" {
		t.Errorf("who was there hears %q, error %v", line, err)
	}
	s.MutateEvery = time.Second
	if err := k.Configure([]Spec{s}, 0); err == nil || !strings.Contains(err.Error(), "more often") {
		t.Errorf("a second is taken: %v", err)
	}
}

// A decky opens as what it was before its node was restarted.
func TestARestartedNodeKnowsItsGenerations(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{gens: map[string]Generation{"a": {Is: 3, Wanted: 4}}}
	keeper(t, r, m, spec("a", 0))
	if got := r.Deckies()[0].Generation; got != 4 {
		t.Errorf("it is generation %d", got)
	}
	if got := r.told; !slices.Equal(got, []string{"a running"}) {
		t.Errorf("it was %v", got)
	}
	m.fails = errors.New("away")
	if _, err := NewKeeper(KeeperDeps{Fleet: r.Fleet, Store: m, Node: "n1", Clock: r.clock, Log: r.deps.Log}); err == nil {
		t.Error("a node opens deckies as it does not know what")
	}
}

func TestDeckiesMutateBySchedule(t *testing.T) {
	r := newRig(t, Limits{})
	began := r.clock.Now()
	m := &memory{gens: map[string]Generation{"a": {Since: began}, "b": {Since: began}, "c": {Since: began.Add(-1000 * time.Hour)}}}
	never, own := spec("never", 0), spec("b", 0)
	own.MutateEvery = time.Hour
	k := keeper(t, r, m, spec("a", 0), own, spec("c", 0), never)
	k.mutate = 10 * time.Hour
	turn := func() {
		t.Helper()
		if err := k.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	turn()
	if len(m.due) != 0 {
		t.Fatalf("at once: %v", m.due)
	}
	r.clock.Advance(73 * time.Minute) // an hour and a fifth, and a second's rest
	turn()
	if !slices.Contains(m.due, "b") || slices.Contains(m.due, "a") {
		t.Errorf("after an hour: %v", m.due)
	}
	turn() // opens what is wanted
	if got := r.Deckies()[1].Generation; got != 1 {
		t.Errorf("it is generation %d", got)
	}
	last := m.reports[len(m.reports)-1]
	if last[0].NextMutation.IsZero() || last[0].MutateEvery != 10*time.Hour || !last[3].NextMutation.IsZero() {
		t.Errorf("the plan is %+v", last)
	}
	r.clock.Advance(11 * time.Hour)
	turn()
	if !slices.Contains(m.due, "a") || !slices.Contains(m.due, "c") || slices.Contains(m.due, "never") {
		t.Errorf("after twelve hours: %v", m.due)
	}
}

// A mutation comes when it is due by a fifth more or less, after the moment from which
// the rhythm holds, and at the same time whoever asks.
func TestWhenAMutationIsDue(t *testing.T) {
	f := newRig(t, Limits{}).Fleet
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		name, every := rapid.StringMatching("[a-z]{1,8}").Draw(t, "name"), time.Duration(rapid.Int64Range(int64(MinMutateEvery), int64(1000*time.Hour)).Draw(t, "every"))
		g := Generation{Is: rapid.IntRange(0, 50).Draw(t, "generation"), Since: noon}
		at := f.due(name, g, every, noon)
		if wait := at.Sub(noon); wait < every*79/100 || wait > every*121/100 {
			t.Fatalf("every %v: due after %v", every, wait)
		}
		if !at.Equal(f.due(name, g, every, noon)) {
			t.Fatal("asked again, it is another time")
		}
		behind := noon.Add(time.Duration(rapid.Int64Range(0, int64(5000*time.Hour)).Draw(t, "behind")))
		if late := f.due(name, g, every, behind); late.Before(behind.Truncate(time.Second)) || late.Sub(behind) > every*121/100 {
			t.Fatalf("behind %v: due at %v", behind, late)
		}
	})
}
