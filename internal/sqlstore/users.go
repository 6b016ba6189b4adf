package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

// Access keeps who may come in: users and API keys.
type Access struct{ store *store.Store }

var (
	_ auth.UserStore = (*Access)(nil)
	_ auth.KeyStore  = (*Access)(nil)
)

// NewAccess returns the users and API keys in s.
func NewAccess(s *store.Store) *Access { return &Access{s} }

type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID           string     `bun:"id,pk"`
	Name         string     `bun:"name"`
	NameKey      string     `bun:"name_key"` // by it names are unique without case
	Role         string     `bun:"role"`
	PasswordHash string     `bun:"password_hash"`
	SessionEpoch int64      `bun:"session_epoch"`
	CreatedAt    time.Time  `bun:"created_at"`
	LastLoginAt  *time.Time `bun:"last_login_at"`
}

// disabledRow is there while a user may not log in.
type disabledRow struct {
	bun.BaseModel `bun:"table:disabled_users"`

	UserID     string    `bun:"user_id,pk"`
	DisabledAt time.Time `bun:"disabled_at"`
}

func newUserRow(u auth.User) *userRow {
	return &userRow{
		ID: text(u.ID), Name: text(u.Name), NameKey: nameKey(u.Name), Role: text(string(u.Role)),
		PasswordHash: text(u.PasswordHash), SessionEpoch: u.SessionEpoch,
		CreatedAt: stamp(u.CreatedAt), LastLoginAt: stampOrNil(u.LastLoginAt),
	}
}

func (r userRow) value() auth.User {
	return auth.User{
		ID: r.ID, Name: r.Name, Role: auth.Role(r.Role), PasswordHash: r.PasswordHash,
		CreatedAt: r.CreatedAt.UTC(), LastLoginAt: utc(r.LastLoginAt), SessionEpoch: r.SessionEpoch,
	}
}

func nameKey(name string) string { return strings.ToLower(text(name)) }

// CountUsers implements auth.UserStore.
func (a *Access) CountUsers(ctx context.Context) (int, error) {
	n, err := a.store.Reader().NewSelect().Model((*userRow)(nil)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting users: %w", err)
	}
	return int(n), nil
}

// ListUsers implements auth.UserStore, by name.
func (a *Access) ListUsers(ctx context.Context) ([]auth.User, error) {
	return listUsers(ctx, a.store.Reader())
}

func listUsers(ctx context.Context, db bun.IDB) ([]auth.User, error) {
	var rows []userRow
	if err := db.NewSelect().Model(&rows).Order("name_key").Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	var disabled []disabledRow
	if err := db.NewSelect().Model(&disabled).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	since := map[string]*time.Time{}
	for _, d := range disabled {
		since[d.UserID] = utc(&d.DisabledAt)
	}
	out := make([]auth.User, len(rows))
	for i, r := range rows {
		out[i] = r.value()
		out[i].DisabledAt = since[r.ID]
	}
	return out, nil
}

// UserByName implements auth.UserStore.
func (a *Access) UserByName(ctx context.Context, name string) (auth.User, error) {
	return userByName(ctx, a.store.Reader(), name)
}

func userByName(ctx context.Context, db bun.IDB, name string) (auth.User, error) {
	var row userRow
	if err := only(ctx, db.NewSelect().Model(&row).Where("name_key = ?", nameKey(name)), fmt.Errorf("user %q: %w", name, auth.ErrNotFound), fmt.Sprintf("user %q", name)); err != nil {
		return auth.User{}, err
	}
	u := row.value()
	var disabled []disabledRow
	if err := db.NewSelect().Model(&disabled).Where("user_id = ?", row.ID).Scan(ctx); err != nil {
		return auth.User{}, fmt.Errorf("reading user %q: %w", name, err)
	}
	if len(disabled) > 0 {
		u.DisabledAt = utc(&disabled[0].DisabledAt)
	}
	return u, nil
}

// CreateUser implements auth.UserStore.
func (a *Access) CreateUser(ctx context.Context, u auth.User, by audit.Entry) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		added, err := store.Insert(ctx, tx, newUserRow(u))
		if err != nil {
			return fmt.Errorf("creating user %q: %w", u.Name, err)
		}
		if !added {
			return fmt.Errorf("user %q: %w", u.Name, auth.ErrExists)
		}
		return appendStory(ctx, tx, by, nil, map[string]string{"name": text(u.Name), "role": string(u.Role)})
	})
}

// appendStory adds what the object was and is to an audit entry that does not
// say it, and appends the entry.
func appendStory(ctx context.Context, tx *store.Tx, by audit.Entry, before, after map[string]string) (err error) {
	if by.Before == nil && before != nil {
		if by.Before, err = json.Marshal(before); err != nil {
			return err
		}
	}
	if by.After == nil && after != nil {
		if by.After, err = json.Marshal(after); err != nil {
			return err
		}
	}
	return appendAudit(ctx, tx, by)
}
