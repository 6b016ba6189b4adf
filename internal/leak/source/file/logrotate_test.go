//go:build servers && unix

package file

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// TestRealLogrotate follows a log that the real logrotate rotates, again and
// again, while a program writes to it.
func TestRealLogrotate(t *testing.T) {
	program := testdebian.Program(t, "logrotate", "logrotate")
	for name, how := range map[string]string{
		"create":                         "create 0600",
		"create, compress":               "create 0600\ncompress",
		"create, compress, delay":        "create 0600\ncompress\ndelaycompress",
		"nocreate, dateext":              "nocreate\ndateext\ndateformat -%Y%m%d-%s",
		"dateext, extension, compress":   "create 0600\ndateext\ndateformat -%Y%m%d-%s\nextension .log\ncompress",
		"copytruncate":                   "copytruncate",
		"copytruncate, compress":         "copytruncate\ncompress",
		"copytruncate, compress, delay":  "copytruncate\ncompress\ndelaycompress",
		"copytruncate, dateext":          "copytruncate\ndateext\ndateformat -%Y%m%d-%s",
		"create, compress, few are kept": "create 0600\ncompress\nrotate 3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			r := newRotation(t, program, how)
			r.play(6)
			r.check()
		})
	}
}

// lag is longer than time(2) may stay behind the clock: the kernel moves what it
// reads on at its ticks only.
const lag = 100 * time.Millisecond

// rotation is a log with its writer, its rotator, and its follower, which is
// restarted now and then.
type rotation struct {
	*series
	t       *testing.T
	program string
	config  string
	state   string
	loses   bool // what is written while it works
	dated   bool // the names have a second in them
	few     bool // are kept
	all     []*sourcetest.Sink
	stopRun func()
	mu      sync.Mutex // held while somebody writes, or rotates so that what is written is lost
}

func newRotation(t *testing.T, program, how string) *rotation {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil { // logrotate refuses what others may write to
		t.Fatal(err)
	}
	// A copy lacks what is written before the file is cut; and who has opened the file, but
	// not yet written, writes into one that compressing removes.
	atOnce := strings.Contains(how, "compress") && !strings.Contains(how, "delaycompress")
	r := &rotation{series: newSeries(t, dir), t: t, program: program, loses: atOnce || strings.Contains(how, "copytruncate")}
	r.dated, r.few = strings.Contains(how, "%s"), strings.Contains(how, "rotate 3")
	t.Cleanup(r.close)
	r.state, r.config = filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("%s {\nrotate 100\nmissingok\n%s\n}\n", r.path, how)
	r.must(os.WriteFile(r.config, []byte(text), 0o600))
	return r
}

func (r *rotation) play(rounds int) {
	for round := range rounds {
		r.start()
		var writer sync.WaitGroup
		writer.Go(func() {
			for range 40 {
				r.mu.Lock()
				r.write(5)
				r.mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		})
		r.rotate()
		writer.Wait()
		if r.few { // what is deleted before somebody looks is lost
			r.delivered()
		}
		if round%2 == 1 {
			r.stopRun() // the next round is rotated once before it is watched again
			r.write(3)
			r.rotate()
		}
	}
	r.start()
}

// start begins to follow where the run before ended.
func (r *rotation) start() {
	if r.stopRun != nil {
		r.stopRun()
	}
	cfg := Config{Path: r.path, Marker: r.cfg.Marker, Poll: 20 * time.Millisecond, Linger: 20 * time.Millisecond}
	var from []byte
	if n := len(r.all); n > 0 {
		from = r.all[n-1].Position()
	}
	sink, stop := follow(r.t, cfg, from)
	if sink.Position() == nil {
		sink.Begin(from)
	}
	r.stopRun = stop
	r.all = append(r.all, sink)
}

func (r *rotation) rotate() {
	if r.dated { // a second rotation within the second would find its name taken
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second + lag)))
	}
	if r.loses {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	out, err := exec.Command(r.program, "--force", "--state", r.state, r.config).CombinedOutput()
	if err != nil {
		r.t.Fatalf("logrotate: %v\n%s", err, out)
	}
}

// delivered waits until all that was written has been.
func (r *rotation) delivered() {
	r.t.Helper()
	r.all[len(r.all)-1].Await(r.t, "all messages", func() bool { return len(r.counts()) == r.next })
}

func (r *rotation) check() {
	r.t.Helper()
	r.delivered()
	r.stopRun()
	for n, times := range r.counts() {
		if times != 1 {
			r.t.Errorf("message %d was delivered %d times", n, times)
		}
	}
	for _, s := range r.all {
		if l := s.Losses(); len(l) > 0 {
			r.t.Errorf("losses %v", l)
		}
	}
}

func (r *rotation) counts() map[int]int {
	got := map[int]int{}
	for _, s := range r.all {
		for _, n := range s.Numbers() {
			got[n]++
		}
	}
	return got
}
