package file

import (
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// rotator is a log, what rotates it, and what may be done next. The model is
// the list of messages: each is delivered once.
type rotator struct {
	*series
	old     string // of a renamed file whose writer goes on
	half    string // what is still to be written of a line
	delayed bool   // .1 is not compressed yet
}

// TestWritersAndRotatorsInAnyOrder lets writing, rotating, compressing, looking
// and restarting meet in any order.
func TestWritersAndRotatorsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		r := &rotator{series: newSeries(rt, dir)}
		defer r.close()
		if rapid.Bool().Draw(rt, "reads lines without an end") {
			r.cfg.Linger = time.Nanosecond
			r.restart()
		}
		rt.Repeat(map[string]func(*rapid.T){
			"write":       func(rt *rapid.T) { r.more(rapid.IntRange(1, 40).Draw(rt, "lines")) },
			"write half":  func(*rapid.T) { r.writeHalf() },
			"look":        func(*rapid.T) { r.pass() },
			"restart":     func(*rapid.T) { r.restart() },
			"rename":      func(*rapid.T) { r.renamed() },
			"write late":  func(*rapid.T) { r.late() },
			"copy":        func(rt *rapid.T) { r.copied(rapid.IntRange(0, 3).Draw(rt, "between")) },
			"compress":    func(rt *rapid.T) { r.packed(rapid.Bool().Draw(rt, "in steps")) },
			"drop oldest": func(*rapid.T) { r.dropOldest() },
		})
		r.whole()
		r.pass()
		r.end()
		r.exactly()
	})
}

func (r *rotator) more(n int) {
	r.whole()
	r.write(n)
}

// whole ends the line that was begun.
func (r *rotator) whole() {
	if r.half != "" {
		r.append(r.path, r.half)
		r.half = ""
	}
}

func (r *rotator) writeHalf() {
	r.whole()
	line := r.lines(1)
	cut := 1 + r.next*7%(len(line)-1)
	r.append(r.path, line[:cut])
	r.half = line[cut:]
}

func (r *rotator) there(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

func (r *rotator) renamed() {
	r.whole()
	if r.there(r.path) {
		r.finishDelayed()
		r.rename()
		r.old, r.delayed = r.name(1), true
	}
}

// late writes through the handle that a writer still has.
func (r *rotator) late() {
	if r.old != "" && r.there(r.old) {
		r.append(r.old, r.lines(2))
	}
}

// copied copies and truncates. Between the two, looks may happen, and writing
// that is looked at; what nobody looks at is lost to everybody.
func (r *rotator) copied(between int) {
	r.whole()
	if !r.there(r.path) {
		return
	}
	r.finishDelayed()
	r.copy()
	for range between {
		r.write(1)
		r.pass()
	}
	r.truncate()
	r.old, r.delayed = "", true
}

func (r *rotator) finishDelayed() {
	if r.delayed {
		r.packed(false)
	}
	r.old = ""
}

// packed compresses the newest rotated file.
func (r *rotator) packed(steps bool) {
	r.old = ""
	if !r.there(r.name(1)) {
		return
	}
	whole := zipped(r.t, r.read(r.name(1)))
	if steps {
		r.must(os.WriteFile(r.name(1)+".gz", whole[:len(whole)/2], 0o600))
		r.pass()
	}
	r.must(os.WriteFile(r.name(1)+".gz", whole, 0o600))
	if steps {
		r.pass()
	}
	r.sameTime(1)
	r.remove(r.name(1))
	r.delayed = false
}

// dropOldest removes the oldest rotated file, as logrotate does with those
// beyond its count; all of it was looked at.
func (r *rotator) dropOldest() {
	r.pass()
	for n := 20; n > 1; n-- {
		if name := r.name(n) + ".gz"; r.there(name) && !strings.HasSuffix(r.old, name) {
			r.remove(name)
			return
		}
	}
}
