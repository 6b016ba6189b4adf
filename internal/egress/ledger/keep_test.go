package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

func TestAFollowerReadsEveryLineOnceThroughRotationAndCompression(t *testing.T) {
	o := options(t, t.TempDir())
	o.RotateBytes = 4 << 10
	l := opened(t, o)
	const all = 200
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range all {
			if _, err := l.Append(context.Background(), denial(i)); err != nil {
				t.Error(err)
			}
			if i%30 == 0 {
				if err := l.Tidy(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	f := l.Follow(0)
	defer f.Close()
	for want := uint64(1); want <= all; {
		got, err := f.Next(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range got {
			if line.Seq != want {
				t.Fatalf("got line %d, want %d", line.Seq, want)
			}
			want++
		}
	}
	wg.Wait()
	again := l.Follow(150)
	defer again.Close()
	if got, err := again.Next(t.Context(), 1); err != nil || got[0].Seq != 151 {
		t.Errorf("from the middle: %v, %v", got, err)
	}
	closed(t, l)
	if _, err := f.Next(t.Context(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestRetentionDeletesWholeFilesAndSignsThatItDid(t *testing.T) {
	o := options(t, t.TempDir())
	fake := clock.NewFake(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	o.Clock, o.RotateAfter, o.Keep = fake, time.Hour, 48*time.Hour
	l := opened(t, o)
	for range 10 {
		e := denial(0)
		e.Time = fake.Now()
		if _, err := l.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := l.Sign(); err != nil {
			t.Fatal(err)
		}
		fake.Advance(12 * time.Hour)
	}
	if err := l.Tidy(); err != nil {
		t.Fatal(err)
	}
	head := closed(t, l)
	r := verified(t, o, head)
	if !r.OK() || r.First < 4 || r.First > 7 || r.Head != head {
		t.Errorf("got %+v", r)
	}
	l = opened(t, o)
	appendN(t, l, 1)
	oldest, err := l.Follow(0).Next(t.Context(), 1)
	if err != nil || oldest[0].Seq != r.First {
		t.Errorf("a reader from the start gets %v, %v", oldest, err)
	}
	closed(t, l)
	remove(t, o.Dir, floorFile)
	if r := verified(t, o, head); r.OK() {
		t.Error("lines are gone, nobody signed that, and nothing was found")
	}
}

func TestASmallFolderKeepsTheNewest(t *testing.T) {
	o := options(t, t.TempDir())
	o.RotateBytes, o.KeepBytes, o.Keep = 2<<10, 6<<10, -1
	l := opened(t, o)
	appendN(t, l, 300)
	if err := l.Tidy(); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, o, closed(t, l)); !r.OK() || r.First == 1 || r.Head.Seq != 300 {
		t.Errorf("got %+v", r)
	}
}

func TestCountsAndLinesForPeople(t *testing.T) {
	o := options(t, t.TempDir())
	l := opened(t, o)
	e := denial(1)
	e.Decision, e.Reason, e.Exe = "allow", "rule", "/usr/bin/curl\nDENY forged"
	if _, err := l.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Kind, e.BytesOut, e.BytesIn = End, 10, 20
	if _, err := l.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	appendN(t, l, 2)
	closed(t, l)
	var c Counts
	text, err := os.ReadFile(filepath.Join(o.Dir, metricsFile))
	if err = errors.Join(err, json.Unmarshal(text, &c)); err != nil {
		t.Fatal(err)
	}
	if c.Allowed != 1 || c.Denied != 2 || c.BytesOut != 10 || c.BytesIn != 20 || c.Reasons["default_policy"] != 2 || c.Signed != 4 {
		t.Errorf("got %+v", c)
	}
	log, err := os.ReadFile(filepath.Join(o.Dir, people))
	if err != nil || bytes.Count(log, []byte("\n")) != 3 || !bytes.Contains(log, []byte("ALLOW api.example.com:443 rule")) {
		t.Errorf("%v\n%s", err, log)
	}
}

func TestRunSignsWhenThereIsSomethingToSign(t *testing.T) {
	o := options(t, t.TempDir())
	fake := clock.NewFake(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	o.Clock = fake
	l := opened(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := l.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	appendN(t, l, 1)
	for l.notes.last() == 0 {
		fake.Advance(time.Second)
		time.Sleep(time.Millisecond)
	}
	cancel()
	wg.Wait()
}
