package authtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
)

var _ auth.SessionStore = (*Sessions)(nil)

// Sessions is an auth.SessionStore. Its zero value is empty and ready. It keeps
// sessions whatever their expiry: a test's clock is not the machine's.
type Sessions struct {
	mu      sync.Mutex
	data    []auth.Session
	entries []audit.Entry
	commits int
	err     error
}

// Fail makes every method return err; nil makes them work again.
func (s *Sessions) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// All returns what the store has.
func (s *Sessions) All() []auth.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.data)
}

// Audit returns the audit entries so far.
func (s *Sessions) Audit() []audit.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Commits counts writes.
func (s *Sessions) Commits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

// CreateSession implements auth.SessionStore.
func (s *Sessions) CreateSession(_ context.Context, n auth.Session, old string, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.data = slices.DeleteFunc(s.data, func(o auth.Session) bool { return o.TokenHash == old })
	s.data = append(s.data, n)
	s.entries = append(s.entries, by)
	s.commits++
	return nil
}

// SessionByHash implements auth.SessionStore.
func (s *Sessions) SessionByHash(_ context.Context, hash string) (auth.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.data {
		if s.err == nil && o.TokenHash == hash {
			return o, nil
		}
	}
	if s.err != nil {
		return auth.Session{}, s.err
	}
	return auth.Session{}, auth.ErrNotFound
}

// ListSessions implements auth.SessionStore.
func (s *Sessions) ListSessions(_ context.Context, userID string) ([]auth.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []auth.Session
	for _, o := range slices.Backward(s.data) {
		if o.UserID == userID {
			out = append(out, o)
		}
	}
	return out, s.err
}

// TouchSession implements auth.SessionStore.
func (s *Sessions) TouchSession(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.data {
		if s.err == nil && s.data[i].ID == id {
			s.data[i].SeenAt = at
			s.commits++
		}
	}
	return s.err
}

// EndSession implements auth.SessionStore.
func (s *Sessions) EndSession(_ context.Context, id string, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.data, func(o auth.Session) bool { return o.ID == id })
	switch {
	case s.err != nil:
		return s.err
	case i < 0:
		return auth.ErrNotFound
	}
	s.data = slices.Delete(s.data, i, i+1)
	s.entries = append(s.entries, by)
	return nil
}
