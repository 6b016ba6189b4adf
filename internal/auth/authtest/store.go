// Package authtest has an in-memory store with the semantics that package auth
// asks of one, for tests of whatever stands on auth.
//
// It may import auth and what auth imports.
package authtest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
)

// Store is an auth.UserStore, an auth.KeyStore and an auth.AuditStore. Its zero value is empty and
// ready. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	users   []auth.User
	keys    []auth.APIKey
	entries []audit.Entry
	touches int
	uses    []auth.KeyUse
	err     error
}

var (
	_ auth.UserStore  = (*Store)(nil)
	_ auth.KeyStore   = (*Store)(nil)
	_ auth.AuditStore = (*Store)(nil)
)

// Fail makes every method return err; nil makes them work again.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Audit returns the audit entries so far.
func (s *Store) Audit() []audit.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Touches counts calls of TouchKey.
func (s *Store) Touches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touches
}

// Drop removes a user, as an administrator of the database would.
func (s *Store) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = slices.DeleteFunc(s.users, func(u auth.User) bool { return u.Name == name })
}

// CountUsers implements auth.UserStore.
func (s *Store) CountUsers(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.users), s.err
}

// ListUsers implements auth.UserStore.
func (s *Store) ListUsers(context.Context) ([]auth.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users), s.err
}

// UserByName implements auth.UserStore.
func (s *Store) UserByName(_ context.Context, name string) (auth.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.user(name)
	if err != nil {
		return auth.User{}, err
	}
	return *u, nil
}

func (s *Store) user(name string) (*auth.User, error) {
	if s.err != nil {
		return nil, s.err
	}
	for i := range s.users {
		if strings.EqualFold(s.users[i].Name, name) {
			return &s.users[i], nil
		}
	}
	return nil, auth.ErrNotFound
}

// CreateUser implements auth.UserStore.
func (s *Store) CreateUser(_ context.Context, u auth.User, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.user(u.Name); err == nil {
		return auth.ErrExists
	}
	if s.err != nil {
		return s.err
	}
	s.users = append(s.users, u)
	s.entries = append(s.entries, by)
	return nil
}

// ChangeUser implements auth.UserStore.
func (s *Store) ChangeUser(_ context.Context, name string, change auth.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.user(name)
	if err != nil {
		return err
	}
	changed := *u
	by, err := change(&changed, s.otherAdmins(u.Name))
	if err != nil {
		return err
	}
	*u = changed
	s.entries = append(s.entries, by)
	return nil
}

// DeleteUser implements auth.UserStore.
func (s *Store) DeleteUser(_ context.Context, name string, change auth.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.user(name)
	if err != nil {
		return err
	}
	by, err := change(u, s.otherAdmins(u.Name))
	if err != nil {
		return err
	}
	s.users = slices.DeleteFunc(s.users, func(o auth.User) bool { return o.ID == u.ID })
	s.entries = append(s.entries, by)
	return nil
}

func (s *Store) otherAdmins(name string) (n int) {
	for _, u := range s.users {
		if u.Name != name && u.Role == auth.Admin && u.DisabledAt == nil {
			n++
		}
	}
	return n
}

// RecordAudit implements auth.AuditStore.
func (s *Store) RecordAudit(_ context.Context, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.entries = append(s.entries, by)
	}
	return s.err
}

// ListKeys implements auth.KeyStore.
func (s *Store) ListKeys(context.Context) ([]auth.APIKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys), s.err
}

// KeyByHash implements auth.KeyStore.
func (s *Store) KeyByHash(_ context.Context, hash string) (auth.APIKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key(func(k auth.APIKey) bool { return k.Hash == hash })
}

func (s *Store) key(is func(auth.APIKey) bool) (auth.APIKey, error) {
	if s.err != nil {
		return auth.APIKey{}, s.err
	}
	i := slices.IndexFunc(s.keys, is)
	if i < 0 {
		return auth.APIKey{}, auth.ErrNotFound
	}
	return s.keys[i], nil
}

// CreateKey implements auth.KeyStore.
func (s *Store) CreateKey(_ context.Context, k auth.APIKey, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.key(inForce(k.Name)); err == nil {
		return auth.ErrExists
	}
	s.keys = append(s.keys, k)
	s.entries = append(s.entries, by)
	return s.err
}

func inForce(name string) func(auth.APIKey) bool {
	return func(k auth.APIKey) bool { return k.Name == name && k.RevokedAt == nil }
}

// RevokeKey implements auth.KeyStore.
func (s *Store) RevokeKey(_ context.Context, name string, by audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.key(inForce(name)); err != nil {
		return err
	}
	s.keys[slices.IndexFunc(s.keys, inForce(name))].RevokedAt = &by.Time
	s.entries = append(s.entries, by)
	return nil
}

// TouchKey implements auth.KeyStore.
func (s *Store) TouchKey(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touches++
	for i := range s.keys {
		if s.keys[i].ID == id {
			s.keys[i].LastUsedAt = &at
		}
	}
	return s.err
}

// NoteKeyUse implements auth.KeyStore.
func (s *Store) NoteKeyUse(_ context.Context, u auth.KeyUse, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.uses = append(s.uses, u)
	}
	return s.err
}

// KeyUses returns what NoteKeyUse was told so far.
func (s *Store) KeyUses() []auth.KeyUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uses)
}

// CheapHasher is for tests only: its hashes take microseconds.
func CheapHasher() *auth.Hasher { return auth.NewHasher(auth.HasherOptions{MemoryKiB: 8, Passes: 1}) }
