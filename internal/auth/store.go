package auth

import (
	"context"
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/audit"
)

// Errors of the storage interfaces, matched with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
)

// User is a person who may log in.
type User struct {
	ID           string
	Name         string // unique, compared without case
	Role         Role
	PasswordHash string // argon2id, PHC string format
	CreatedAt    time.Time
	LastLoginAt  *time.Time
	SessionEpoch int64 // grows with every SetPassword: a session opened under a smaller one is over
}

// APIKey is a program's credential. The key itself is shown once and never
// stored: a key has 256 random bits, so its SHA-256 cannot be guessed.
type APIKey struct {
	ID         string
	Name       string // unique among keys that are not revoked
	Role       Role
	Prefix     string // the first characters, to recognise it by
	Hash       string // hex SHA-256 of the whole key
	CreatedAt  time.Time
	CreatedBy  string
	ExpiresAt  *time.Time // nil: never
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// UserStore keeps users. Each change and its audit entry are one transaction.
type UserStore interface {
	CountUsers(ctx context.Context) (int, error)
	ListUsers(ctx context.Context) ([]User, error)
	UserByName(ctx context.Context, name string) (User, error)                // ErrNotFound
	CreateUser(ctx context.Context, u User, by audit.Entry) error             // ErrExists
	SetPassword(ctx context.Context, name, hash string, by audit.Entry) error // ErrNotFound; ends the user's sessions
	RecordLogin(ctx context.Context, name string, by audit.Entry) error       // ErrNotFound; also for failed logins: by.Action "user.login" is a success, any other is not
}

// KeyStore keeps API keys.
type KeyStore interface {
	ListKeys(ctx context.Context) ([]APIKey, error)
	KeyByHash(ctx context.Context, hash string) (APIKey, error)       // ErrNotFound; revoked and expired ones are returned too
	CreateKey(ctx context.Context, k APIKey, by audit.Entry) error    // ErrExists
	RevokeKey(ctx context.Context, name string, by audit.Entry) error // ErrNotFound
	TouchKey(ctx context.Context, id string, at time.Time) error
}

// SessionStore is what scs (CtxStore) needs; tokens arrive hashed, because the
// session manager runs with HashTokenInStore.
type SessionStore interface {
	DeleteCtx(ctx context.Context, token string) error
	FindCtx(ctx context.Context, token string) (b []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error
	Delete(token string) error
	Find(token string) (b []byte, found bool, err error)
	Commit(token string, b []byte, expiry time.Time) error
}
