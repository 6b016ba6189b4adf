package ledger

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// long writes a log of n lines in files of a hundred thousand, as the ledger does,
// without syncing each.
func long(t *testing.T, o Options, n uint64) Head {
	t.Helper()
	const perFile = 100_000
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	head := start()
	for head.Seq < n {
		name := rotated(head.Seq + 1)
		if n-head.Seq <= perFile {
			name = active
		}
		f, err := os.Create(filepath.Join(o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for until := min(head.Seq+perFile, n); head.Seq < until; {
			l := Line{ID: "x", Entry: denial(int(head.Seq))}
			text, err := chain(head, &l)
			if err == nil {
				_, err = w.Write(text)
			}
			if err != nil {
				t.Fatal(err)
			}
			head = l.head()
		}
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return head
}

// gauge is a context that is asked now and then whether it has ended, and then
// weighs what the asker holds in memory.
type gauge struct {
	context.Context
	asked int
	most  uint64 // live bytes
}

func (g *gauge) Err() error {
	if g.asked++; g.asked%8 == 1 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		g.most = max(g.most, m.HeapAlloc)
	}
	return nil
}

// What a verification holds does not grow with the log.
func TestVerifyingALongLogTakesNoMoreMemoryThanAShortOne(t *testing.T) {
	holds := func(n uint64) uint64 {
		o := options(t, t.TempDir())
		head := long(t, o, n)
		g := &gauge{Context: t.Context()}
		r, err := Verify(g, o.Dir, VerifyOptions{Signer: o.Signer, Floor: o.Floor, Known: head})
		if err != nil || !r.OK() || r.Lines != n || r.Head != head {
			t.Fatalf("%+v %v", r, err)
		}
		if g.asked < int(n/checkEvery) {
			t.Fatalf("it was weighed only %d times", g.asked)
		}
		return g.most
	}
	short, far := holds(3*checkEvery), holds(150*checkEvery)
	t.Logf("%d KB and %d KB", short>>10, far>>10)
	if far > short+1<<20 {
		t.Errorf("%d KB for fifty times the lines of %d KB", far>>10, short>>10)
	}
}

func TestVerifyingStopsWhenNobodyWaitsForItAnyMore(t *testing.T) {
	o := options(t, t.TempDir())
	long(t, o, 4*checkEvery)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Verify(ctx, o.Dir, VerifyOptions{Signer: o.Signer, Floor: o.Floor}); !errors.Is(err, context.Canceled) {
		t.Errorf("it read %d lines, %v", r.Lines, err)
	}
}

// A clock that is set, forward or back, leaves the chain whole; what is written
// then is signed within a minute of that clock, and files still change by age.
func TestAClockThatJumpsLeavesTheChainWhole(t *testing.T) {
	for what, jump := range map[string]time.Duration{"a year forward": 365 * 24 * time.Hour, "a year back": -365 * 24 * time.Hour, "an hour back": -time.Hour} {
		t.Run(what, func(t *testing.T) {
			began := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
			o := options(t, t.TempDir())
			o.Keep = -1
			for i, now := range []time.Time{began, began.Add(jump), began.Add(jump + 2*signAfter)} {
				o.Clock = clock.NewFake(now) // the machine starts again, with its clock set
				l := opened(t, o)
				appendN(t, l, 3)
				if !l.due(now.Add(signAfter)) {
					t.Errorf("start %d: a minute later it is not signed", i)
				}
				closed(t, l)
			}
			if r := verified(t, o, Head{}); !r.OK() || r.Lines != 9 || r.Signed != 9 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAFileFromTheFutureGivesWayToANewOne(t *testing.T) {
	o := options(t, t.TempDir())
	now := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	o.Clock, o.Keep = clock.NewFake(now.Add(365*24*time.Hour)), -1
	l := opened(t, o)
	appendN(t, l, 1)
	l.j.began = o.Clock.Now()
	closed(t, l)
	fake := clock.NewFake(now)
	o.Clock = fake
	l = opened(t, o)
	l.j.began = now.Add(365 * 24 * time.Hour) // denial's time is the machine's
	appendN(t, l, 1)
	closed(t, l)
	if r := verified(t, o, Head{}); !r.OK() || r.Files != 2 {
		t.Errorf("%+v", r)
	}
}
