package file

import (
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

// stage is where a rotator and a follower meet, each in elementary steps: those of
// the rotator are taken between two operations of the follower on files.
type stage struct {
	*series
	schedule
	steps []step
	done  int // of the steps
	op    int // of the follower
	fixed int // the number of changes, to give each a time of its own
	late  *os.File
	tools
}

// tools are what one stage may leave to the next: they are large.
type tools struct {
	buf []byte // for pieces
	zip *gzip.Writer
}

func newTools() tools { return tools{make([]byte, source.PieceSize), gzip.NewWriter(nil)} }

// schedule is one interleaving.
type schedule struct {
	at   []int         // the operations before which the steps are taken, in order
	halt int           // that before which the follower is stopped and started again; -1: none
	age  time.Duration // how old a file looks that was just changed; 0: new
	torn bool          // a folder is listed in two halves
}

// step is an elementary step of the rotator, or of the log's writer.
type step func(*stage)

// stopped ends a look that is not finished.
type stopped struct{}

func (s *stage) before() {
	op := s.op
	s.op++
	for s.done < len(s.steps) && s.at[s.done] <= op {
		s.done++
		s.steps[s.done-1](s)
	}
	if op == s.halt {
		panic(stopped{})
	}
}

// names lists a folder in two halves: of a large one no system promises more.
func (s *stage) names(dir string) ([]fs.DirEntry, error) {
	first, err := os.ReadDir(dir)
	if err != nil || !s.torn {
		return first, err
	}
	s.before()
	second, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	middle := filepath.Base(s.path) + ".1"
	first = slices.DeleteFunc(first, func(e fs.DirEntry) bool { return e.Name() > middle })
	second = slices.DeleteFunc(second, func(e fs.DirEntry) bool { return e.Name() <= middle })
	return append(first, second...), nil
}

// changed gives a file that was just changed the age that is played with.
func (s *stage) changed(path string) {
	s.t.Helper()
	if s.fixed++; s.age > 0 {
		when := time.Now().Add(time.Duration(s.fixed)*time.Millisecond - s.age)
		s.must(os.Chtimes(path, when, when))
	}
}

// look looks once, or until it is stopped.
func (s *stage) look() {
	s.t.Helper()
	defer func() {
		switch r := recover(); r {
		case nil:
		case stopped{}:
			s.restart()
			s.hook()
		default:
			panic(r)
		}
	}()
	s.pass()
}

func (s *stage) hook() { s.f.disk, s.f.buf = disk{before: s.before, names: s.names}, s.buf }

// play plays until both are at their ends, and says how many operations the
// follower needed for its first two looks.
func (s *stage) play() (ops int) {
	s.t.Helper()
	s.hook()
	s.look()
	s.look()
	ops = s.op
	for n := 2; s.done < len(s.steps); n++ {
		if n == 5 {
			s.op = afterwards
		}
		s.look()
	}
	s.halt = -1
	s.settle()
	s.pass()
	s.pass()
	s.end()
	return ops
}

// afterwards is an operation behind those of the first looks.
const afterwards = 10_000

// settle lets a moment pass.
func (s *stage) settle() {
	s.t.Helper()
	all, err := os.ReadDir(filepath.Dir(s.path))
	s.must(err)
	for _, e := range all {
		path := filepath.Join(filepath.Dir(s.path), e.Name())
		if info, err := os.Stat(path); err == nil && !settled(info, time.Now()) {
			when := info.ModTime().Add(-2 * tick)
			s.must(os.Chtimes(path, when, when))
		}
	}
}

func (s *stage) close() {
	s.series.close()
	if s.late != nil {
		_ = s.late.Close()
	}
}

// verdict is what went wrong; empty: nothing did.
func (s *stage) verdict() string {
	got := map[int]int{}
	for _, n := range s.sink.Numbers() {
		got[n]++
	}
	for n := range s.next {
		if got[n] != 1 {
			return fmt.Sprintf("line %d of %d was delivered %d times", n, s.next, got[n])
		}
	}
	if l := s.sink.Losses(); len(l) > 0 {
		return "a loss was reported: " + l[0].Reason
	}
	return ""
}

// newStage sets the scene in a folder: what was there before.
func newStage(t tb, dir string, sc script, how schedule, with tools) *stage {
	s := &stage{series: newSeries(t, dir), schedule: how, steps: sc.steps, tools: with}
	s.cfg.Marker, s.cfg.Poll = sourcetest.Marker{Key: "k"}, time.Nanosecond
	for _, step := range sc.before {
		step(s)
	}
	s.restart()
	s.f.buf = s.buf
	if !sc.fresh {
		s.pass()
		s.pass()
	}
	return s
}

// The steps. Names are what follows that of the log.

func write(n int) step { return written("", n) }

func written(name string, n int) step {
	return func(s *stage) { s.append(s.path+name, s.lines(n)); s.changed(s.path + name) }
}

// packed is a compressed file that was there before.
func packed(name string, n int) step {
	return func(s *stage) {
		s.must(os.WriteFile(s.path+name, zippedBy(s.t, s.zip, []byte(s.lines(n))), 0o600))
		s.changed(s.path + name)
	}
}

func rename(from, to string) step {
	return func(s *stage) { s.must(os.Rename(s.path+from, s.path+to)) }
}

// link gives a file a second name.
func link(from, to string) step {
	return func(s *stage) { s.must(os.Link(s.path+from, s.path+to)) }
}

func remove(name string) step { return func(s *stage) { s.must(os.Remove(s.path + name)) } }

// create makes the log anew, empty.
func create(s *stage) { s.append(s.path, ""); s.changed(s.path) }

// open has the writer keep the log open, whatever it is renamed to.
func open(s *stage) {
	var err error
	s.late, err = os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0o600)
	s.must(err)
}

// writeLate writes to what was opened, which has that name now.
func writeLate(name string, n int) step {
	return func(s *stage) {
		_, err := s.late.WriteString(s.lines(n))
		s.must(err)
		s.changed(s.path + name)
	}
}

// grown lets a file grow to a share, in halves, of what it is to be.
func (s *stage) grown(name string, whole []byte, halves int) {
	s.t.Helper()
	have, _ := os.ReadFile(s.path + name) // not there at first
	s.append(s.path+name, string(whole[len(have):len(whole)*halves/2]))
	s.changed(s.path + name)
}

// copied copies the log, then truncates it.
func copied(to string) []step {
	grow := func(halves int) step {
		return func(s *stage) { s.grown(to, s.read(s.path), halves) }
	}
	return []step{grow(1), grow(2), func(s *stage) { s.truncate(); s.changed(s.path) }}
}

// compressed does what gzip and logrotate do: the compressed file grows, is given
// the time of the plain one, and that is removed.
func compressed(name string) []step {
	grow := func(halves int) step {
		return func(s *stage) { s.grown(name+".gz", zippedBy(s.t, s.zip, s.read(s.path+name)), halves) }
	}
	timed := func(s *stage) {
		info, err := os.Stat(s.path + name)
		s.must(err)
		s.must(os.Chtimes(s.path+name+".gz", info.ModTime(), info.ModTime()))
	}
	return []step{grow(0), grow(1), grow(2), timed, remove(name)}
}

// linked has the log be a link to another name, at once.
func linked(to string) step {
	return func(s *stage) {
		s.must(os.Symlink(filepath.Base(s.path)+to, s.path+".tmp"))
		s.must(os.Rename(s.path+".tmp", s.path))
	}
}

// inTurn puts steps, and lists of them, one behind the other.
func inTurn(parts ...any) (all []step) {
	for _, p := range parts {
		switch p := p.(type) {
		case step:
			all = append(all, p)
		case func(*stage):
			all = append(all, p)
		case []step:
			all = append(all, p...)
		}
	}
	return all
}
