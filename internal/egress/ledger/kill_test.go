package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// childDir names the folder in which this program, started by the test below,
// writes until it is killed.
const childDir = "CORDON_TEST_LEDGER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// child writes from several goroutines and says each number once Append has
// returned.
func child(dir string) {
	o := options(&testing.B{}, dir) // which fails never
	o.RotateBytes = 16 << 10
	l, err := Open(o)
	if err != nil {
		fail(err)
	}
	var mu sync.Mutex
	for range 8 {
		go func() {
			for n := 0; ; n++ {
				line, err := l.Append(context.Background(), denial(n))
				if err != nil {
					fail(err)
				}
				mu.Lock()
				fmt.Println(line.Seq, line.Hash)
				mu.Unlock()
			}
		}()
	}
	for {
		if err := errors.Join(l.Tidy(), l.Sign()); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// kill -9 at any instant: whatever was acknowledged is in the log, which
// verifies and goes on.
func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	o := options(t, t.TempDir())
	o.RotateBytes = 16 << 10
	said := map[uint64]string{}
	for round := range 6 {
		said = merged(said, killed(t, o.Dir, 100+137*round))
		l := opened(t, o)
		f := l.Follow(0)
		for have := uint64(0); have < l.Head().Seq; {
			lines, err := f.Next(t.Context(), 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				have = line.Seq
				if hash, told := said[have]; told && hash != line.Hash {
					t.Fatalf("line %d is not the one that was acknowledged", have)
				}
				delete(said, have)
			}
		}
		f.Close()
		if len(said) > 0 {
			t.Fatalf("round %d: %d acknowledged lines are gone", round, len(said))
		}
		if r := verified(t, o, closed(t, l)); !r.OK() {
			t.Fatalf("round %d: %+v", round, r)
		}
	}
}

func merged(a, b map[uint64]string) map[uint64]string {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// killed runs the child until it has said so many lines, kills it, and returns
// what it said.
func killed(t *testing.T, dir string, after int) map[uint64]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := map[uint64]string{}
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		number, hash, ok := strings.Cut(scanner.Text(), " ")
		seq, err := strconv.ParseUint(number, 10, 64)
		if err != nil || !ok || len(hash) != 64 {
			break // the last line, cut by the kill
		}
		said[seq] = hash
		if len(said) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(said) < after {
		t.Fatalf("the child ended by itself after %d lines: %v", len(said), err)
	}
	return said
}
