package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

// sessionTimeout bounds the calls of the session manager that bring no
// context.
const sessionTimeout = 10 * time.Second

// Sessions keeps login sessions for the session manager scs
// (https://github.com/alexedwards/scs, its interfaces Store and CtxStore).
type Sessions struct{ store *store.Store }

var _ auth.SessionStore = (*Sessions)(nil)

// NewSessions returns the sessions in s.
func NewSessions(s *store.Store) *Sessions { return &Sessions{s} }

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions"`

	Token     string    `bun:"token,pk"`
	Data      []byte    `bun:"data"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// FindCtx implements auth.SessionStore. A session that has expired is not
// found.
func (s *Sessions) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	row := sessionRow{Token: text(token)}
	err = s.store.Reader().NewSelect().Model(&row).WherePK().Where("expires_at > ?", s.store.Now()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading session: %w", err)
	}
	return row.Data, true, nil
}

// CommitCtx implements auth.SessionStore. It also removes what has expired, so
// that nobody else must.
func (s *Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	row := sessionRow{Token: text(token), Data: append([]byte{}, b...), ExpiresAt: stamp(expiry)}
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ?", s.store.Now()).Exec(ctx)
		if err != nil {
			return err
		}
		return store.Put(ctx, tx, &row)
	})
	if err != nil {
		return fmt.Errorf("storing session: %w", err)
	}
	return nil
}

// DeleteCtx implements auth.SessionStore.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewDelete().Model(&sessionRow{Token: text(token)}).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("deleting session: %w", err)
	}
	return nil
}

// Find implements auth.SessionStore.
func (s *Sessions) Find(token string) (b []byte, found bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTimeout)
	defer cancel()
	return s.FindCtx(ctx, token)
}

// Commit implements auth.SessionStore.
func (s *Sessions) Commit(token string, b []byte, expiry time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTimeout)
	defer cancel()
	return s.CommitCtx(ctx, token, b, expiry)
}

// Delete implements auth.SessionStore.
func (s *Sessions) Delete(token string) error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTimeout)
	defer cancel()
	return s.DeleteCtx(ctx, token)
}
