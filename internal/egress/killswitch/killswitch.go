// Package killswitch keeps the one bit that stops all traffic. It is a file
// before it is anything else: turning it on writes the file first, a restart
// finds it, and a file that cannot be read means on.
//
// It is on when its own file says so, or while the sentinel file exists, which
// anybody who may write into that folder can make with touch when nothing else
// answers. Who may turn it off is for the caller to know; nothing here asks.
//
// It imports the standard library only.
package killswitch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// State is what the switch says.
type State struct {
	On     bool      `json:"on"`
	Reason string    `json:"reason"` // for people; never empty when on
	By     string    `json:"by"`     // who turned it
	Since  time.Time `json:"since"`  // UTC; zero when it was never turned
}

// Options are where a switch lives.
type Options struct {
	File     string // Mandatory. The state; its folder exists.
	Sentinel string // If "", there is none. The switch is on while this file exists.
	// Changed is called after each change of what On says, one call at a time,
	// before Set or Look returns. If nil, nobody is told.
	Changed func(State)
}

// Switch is the kill switch. It is safe for concurrent use; On costs an atomic
// load.
type Switch struct {
	o   Options
	now atomic.Pointer[State] // what On says

	mu      sync.Mutex // one change at a time
	stored  State      // what the file says
	unsaved bool       // stored is on and could not be written: only Set turns it off
}

// Open finds the state that the file has. Without a file the switch is off; a
// file that cannot be read or understood turns it on.
func Open(o Options) *Switch {
	s := &Switch{o: o}
	s.stored, _ = read(o.File)
	s.now.Store(s.effective())
	return s
}

// On reports whether everything is stopped, and why.
func (s *Switch) On() (bool, string) {
	st := s.now.Load()
	return st.On, st.Reason
}

// State is all that is known.
func (s *Switch) State() State { return *s.now.Load() }

// Set turns the switch. Turning it on takes effect whatever happens to the
// file; the error then says that a restart will not find it. Turning it off
// takes effect only after the file was written.
func (s *Switch) Set(on bool, reason, by string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := State{On: on, Reason: reason, By: by, Since: at.UTC()}
	if on && reason == "" {
		next.Reason = "turned on by " + by
	}
	err := write(s.o.File, next)
	if err != nil && !on {
		return fmt.Errorf("turning the kill switch off: %w", err)
	}
	s.stored, s.unsaved = next, err != nil
	s.publish()
	if err != nil {
		return fmt.Errorf("the kill switch is on, but a restart would not know: %w", err)
	}
	return nil
}

// Look reads both files again, for who changed them without asking this
// process. That the state file has gone turns nothing off.
func (s *Switch) Look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, there := read(s.o.File); there && !s.unsaved {
		s.stored = st
	}
	s.publish()
}

// publish makes On say what is true now, and tells of a change.
func (s *Switch) publish() {
	before, after := s.now.Load(), s.effective()
	s.now.Store(after)
	if before.On != after.On && s.o.Changed != nil {
		s.o.Changed(*after)
	}
}

// effective is the stored state, or on when the sentinel is there.
func (s *Switch) effective() *State {
	st := s.stored
	if st.On || s.o.Sentinel == "" {
		return &st
	}
	info, err := os.Lstat(s.o.Sentinel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		st = State{On: true, Reason: "the sentinel file cannot be looked for: " + err.Error(), By: "sentinel"}
	default:
		st = State{On: true, Reason: "the sentinel file " + s.o.Sentinel + " exists", By: "sentinel", Since: info.ModTime().UTC()}
	}
	return &st
}

// maxState bounds what is read of the file.
const maxState = 64 << 10

// read returns what the file says, and whether there is one.
func read(file string) (st State, there bool) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false
	}
	if err == nil && len(b) > maxState {
		err = fmt.Errorf("it has %d bytes", len(b))
	}
	if err == nil {
		err = json.Unmarshal(b, &st)
	}
	if err != nil {
		return State{On: true, Reason: "the state file " + file + " cannot be read; turn the switch off to write it anew", By: "fail closed"}, true
	}
	if st.On && st.Reason == "" {
		st.Reason = "the state file " + file + " says so"
	}
	return st, true
}

// write replaces the file as a whole and makes sure of it.
func write(file string, st State) error {
	b, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encoding the kill switch's state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".killswitch-*")
	if err != nil {
		return fmt.Errorf("writing the kill switch's state: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the kill switch's state: %w", err)
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("writing the kill switch's state: %w", err)
	}
	return syncDir(filepath.Dir(file))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing the kill switch's folder: %w", err)
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync() // not every file system can
	return nil
}
