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
	DisabledAt   *time.Time // nil: may log in
	SessionEpoch int64      // grows with every new password: a session opened under a smaller one is over
}

// APIKey is a program's credential. The key itself is shown once and never
// stored: a key has 256 random bits, so its SHA-256 cannot be guessed.
type APIKey struct {
	ID         string
	Name       string // unique among keys that are not revoked
	Role       Role
	Scopes     Scopes // empty: all that the role may do
	Prefix     string // the first characters, to recognise it by
	Hash       string // hex SHA-256 of the whole key
	CreatedAt  time.Time
	CreatedBy  string
	ExpiresAt  *time.Time // nil: never
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// Session is one login of a person, in one browser.
type Session struct {
	ID        string // UUIDv7; names it to its owner, and opens nothing
	TokenHash string // hex SHA-256 of the cookie's token
	UserID    string
	UserName  string
	Mark      string // ties it to the password of its login
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time // at the latest
	Addr      string    // IP address of the login
	Agent     string    // what the browser called itself at the login
}

// UserStore keeps users. Each change and its audit entry are one transaction.
type UserStore interface {
	CountUsers(ctx context.Context) (int, error)
	ListUsers(ctx context.Context) ([]User, error)
	UserByName(ctx context.Context, name string) (User, error)    // ErrNotFound
	CreateUser(ctx context.Context, u User, by audit.Entry) error // ErrExists
	// ChangeUser reads the user, lets change alter Role, PasswordHash,
	// DisabledAt and SessionEpoch, and stores that with the entry. ErrNotFound.
	ChangeUser(ctx context.Context, name string, change Change) error
	// DeleteUser lets change object, then removes the user and all sessions.
	DeleteUser(ctx context.Context, name string, change Change) error // ErrNotFound
}

// Change alters a user, knowing how many other admins may log in, and says what
// the audit log keeps of it. An error leaves everything as it is. It may be
// called twice for one change.
type Change func(u *User, otherAdmins int) (audit.Entry, error)

// AuditStore records what changes no row, such as a refused login.
type AuditStore interface {
	RecordAudit(ctx context.Context, by audit.Entry) error
}

// KeyStore keeps API keys.
type KeyStore interface {
	ListKeys(ctx context.Context) ([]APIKey, error)
	KeyByHash(ctx context.Context, hash string) (APIKey, error)       // ErrNotFound; revoked and expired ones are returned too
	CreateKey(ctx context.Context, k APIKey, by audit.Entry) error    // ErrExists
	RevokeKey(ctx context.Context, name string, by audit.Entry) error // ErrNotFound
	TouchKey(ctx context.Context, id string, at time.Time) error
	// NoteKeyUse remembers from where a key is used, with the event that says so. It
	// does nothing when that was noted within KeyUseEvery. source is who says it.
	NoteKeyUse(ctx context.Context, u KeyUse, source string) error
}

// SessionStore keeps sessions. Each change and its audit entry are one
// transaction.
type SessionStore interface {
	// CreateSession stores a session and the login of its user, and removes the
	// session with the hash old, if there is one, and all that have expired.
	CreateSession(ctx context.Context, s Session, old string, by audit.Entry) error // ErrNotFound: there is no such user any more
	SessionByHash(ctx context.Context, hash string) (Session, error)                // ErrNotFound
	ListSessions(ctx context.Context, userID string) ([]Session, error)             // newest first
	TouchSession(ctx context.Context, id string, at time.Time) error                // does nothing to one that has ended
	EndSession(ctx context.Context, id string, by audit.Entry) error                // ErrNotFound
}
