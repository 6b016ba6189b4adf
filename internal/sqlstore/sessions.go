package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

// Sessions keeps who is logged in.
type Sessions struct{ store *store.Store }

var _ auth.SessionStore = (*Sessions)(nil)

// NewSessions returns the sessions in s.
func NewSessions(s *store.Store) *Sessions { return &Sessions{s} }

type sessionRow struct {
	bun.BaseModel `bun:"table:login_sessions"`

	ID        string    `bun:"id,pk"`
	TokenHash string    `bun:"token_hash"`
	UserID    string    `bun:"user_id"`
	UserName  string    `bun:"user_name"`
	Mark      string    `bun:"mark"`
	CreatedAt time.Time `bun:"created_at"`
	SeenAt    time.Time `bun:"seen_at"`
	ExpiresAt time.Time `bun:"expires_at"`
	Addr      string    `bun:"addr"`
	Agent     string    `bun:"agent"`
}

func newSessionRow(s auth.Session) *sessionRow {
	return &sessionRow{
		ID: text(s.ID), TokenHash: text(s.TokenHash), UserID: text(s.UserID), UserName: text(s.UserName), Mark: text(s.Mark),
		CreatedAt: stamp(s.CreatedAt), SeenAt: stamp(s.SeenAt), ExpiresAt: stamp(s.ExpiresAt), Addr: text(s.Addr), Agent: text(s.Agent),
	}
}

func (r sessionRow) value() auth.Session {
	return auth.Session{
		ID: r.ID, TokenHash: r.TokenHash, UserID: r.UserID, UserName: r.UserName, Mark: r.Mark,
		CreatedAt: r.CreatedAt.UTC(), SeenAt: r.SeenAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), Addr: r.Addr, Agent: r.Agent,
	}
}

// CreateSession implements auth.SessionStore. It also removes what has expired,
// so that nobody else must.
func (s *Sessions) CreateSession(ctx context.Context, n auth.Session, old string, by audit.Entry) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		seen, err := store.Touched(tx.NewUpdate().Model((*userRow)(nil)).Set("last_login_at = ?", stamp(n.CreatedAt)).Where("id = ?", text(n.UserID)).Exec(ctx))
		if err != nil {
			return err
		}
		if !seen {
			return fmt.Errorf("user %q: %w", n.UserName, auth.ErrNotFound)
		}
		_, err = tx.NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ? OR token_hash = ?", s.store.Now(), text(old)).Exec(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(newSessionRow(n)).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	if err != nil {
		return fmt.Errorf("storing session: %w", err)
	}
	return nil
}

// SessionByHash implements auth.SessionStore.
func (s *Sessions) SessionByHash(ctx context.Context, hash string) (auth.Session, error) {
	var row sessionRow
	if err := only(ctx, s.store.Reader().NewSelect().Model(&row).Where("token_hash = ?", text(hash)), fmt.Errorf("session: %w", auth.ErrNotFound), "session"); err != nil {
		return auth.Session{}, err
	}
	return row.value(), nil
}

// ListSessions implements auth.SessionStore.
func (s *Sessions) ListSessions(ctx context.Context, userID string) ([]auth.Session, error) {
	var rows []sessionRow
	if err := s.store.Reader().NewSelect().Model(&rows).Where("user_id = ?", text(userID)).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	out := make([]auth.Session, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// TouchSession implements auth.SessionStore.
func (s *Sessions) TouchSession(ctx context.Context, id string, at time.Time) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model((*sessionRow)(nil)).Set("seen_at = ?", stamp(at)).Where("id = ?", text(id)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("touching session: %w", err)
	}
	return nil
}

// EndSession implements auth.SessionStore.
func (s *Sessions) EndSession(ctx context.Context, id string, by audit.Entry) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		ended, err := store.Touched(tx.NewDelete().Model(&sessionRow{ID: text(id)}).WherePK().Exec(ctx))
		if err != nil {
			return err
		}
		if !ended {
			return fmt.Errorf("session %q: %w", id, auth.ErrNotFound)
		}
		return appendAudit(ctx, tx, by)
	})
	if err != nil {
		return fmt.Errorf("ending session: %w", err)
	}
	return nil
}
