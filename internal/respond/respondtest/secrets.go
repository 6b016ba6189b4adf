package respondtest

import (
	"context"
	"sync"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/respond"
)

// Secrets is a respond.Quarantine that says what it was told. Its zero value withholds
// nothing.
type Secrets struct {
	mu     sync.Mutex
	Refuse error  // of Withhold
	Still  string // of Release
	told   []string
	audit  []audit.Entry
}

// Withhold implements respond.Quarantine.
func (s *Secrets) Withhold(_ context.Context, a respond.Action, by audit.Entry, _ string) (string, error) {
	return "entry-1", s.tell("withhold "+a.Target, by, s.Refuse)
}

// Release implements respond.Quarantine.
func (s *Secrets) Release(_ context.Context, a respond.Action, by audit.Entry) (string, error) {
	return s.Still, s.tell("release "+a.Target, by, nil)
}

func (s *Secrets) tell(what string, by audit.Entry, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.told, s.audit = append(s.told, what), append(s.audit, by)
	}
	return err
}

// Told is what was done so far.
func (s *Secrets) Told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// Egress is a respond.Switch. Its zero value is off.
type Egress struct {
	mu  sync.Mutex
	On  string // why it is on; empty: it is off
	Off error  // of both calls
	log []audit.Entry
}

// StopEgress implements respond.Switch.
func (e *Egress) StopEgress(_ context.Context, by audit.Entry) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Off == nil {
		e.On, e.log = by.Reason, append(e.log, by)
	}
	return e.Off
}

// ResumeEgress implements respond.Switch.
func (e *Egress) ResumeEgress(_ context.Context, reason string, by audit.Entry) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Off != nil || e.On != reason {
		return e.On, e.Off
	}
	e.On, e.log = "", append(e.log, by)
	return "", nil
}

// Turned are the turns so far.
func (e *Egress) Turned() []audit.Entry {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log
}
