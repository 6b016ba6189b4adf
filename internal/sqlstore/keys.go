package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

type keyRow struct {
	bun.BaseModel `bun:"table:api_keys"`

	ID         string     `bun:"id,pk"`
	Name       string     `bun:"name"`
	ActiveName *string    `bun:"active_name"` // unique; nil once revoked
	Role       string     `bun:"role"`
	Prefix     string     `bun:"prefix"`
	Hash       string     `bun:"hash"`
	CreatedAt  time.Time  `bun:"created_at"`
	CreatedBy  string     `bun:"created_by"`
	ExpiresAt  *time.Time `bun:"expires_at"`
	LastUsedAt *time.Time `bun:"last_used_at"`
	RevokedAt  *time.Time `bun:"revoked_at"`
}

// scopesRow is there for a key that is narrowed.
type scopesRow struct {
	bun.BaseModel `bun:"table:api_key_scopes"`

	KeyID  string `bun:"key_id,pk"`
	Scopes string `bun:"scopes"`
}

// keyUseRow is an address from which a key was used.
type keyUseRow struct {
	bun.BaseModel `bun:"table:api_key_uses"`

	ID        string    `bun:"id,pk"` // hash of key and address
	KeyID     string    `bun:"key_id"`
	Address   string    `bun:"address"`
	FirstUsed time.Time `bun:"first_used"`
	LastUsed  time.Time `bun:"last_used"`
}

func newKeyRow(k auth.APIKey) *keyRow {
	row := &keyRow{
		ID: text(k.ID), Name: text(k.Name), Role: text(string(k.Role)), Prefix: text(k.Prefix), Hash: text(k.Hash),
		CreatedAt: stamp(k.CreatedAt), CreatedBy: text(k.CreatedBy), ExpiresAt: stampOrNil(k.ExpiresAt),
		LastUsedAt: stampOrNil(k.LastUsedAt), RevokedAt: stampOrNil(k.RevokedAt),
	}
	if k.RevokedAt == nil {
		row.ActiveName = &row.Name
	}
	return row
}

func (r keyRow) value() auth.APIKey {
	return auth.APIKey{
		ID: r.ID, Name: r.Name, Role: auth.Role(r.Role), Prefix: r.Prefix, Hash: r.Hash, CreatedAt: r.CreatedAt.UTC(),
		CreatedBy: r.CreatedBy, ExpiresAt: utc(r.ExpiresAt), LastUsedAt: utc(r.LastUsedAt), RevokedAt: utc(r.RevokedAt),
	}
}

// ListKeys implements auth.KeyStore: revoked ones too, newest first.
func (a *Access) ListKeys(ctx context.Context) ([]auth.APIKey, error) {
	var rows []keyRow
	if err := a.store.Reader().NewSelect().Model(&rows).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing API keys: %w", err)
	}
	var narrowed []scopesRow
	if err := a.store.Reader().NewSelect().Model(&narrowed).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing API keys: %w", err)
	}
	scopes := map[string]auth.Scopes{}
	for _, n := range narrowed {
		scopes[n.KeyID] = auth.Scopes(n.Scopes)
	}
	out := make([]auth.APIKey, len(rows))
	for i, r := range rows {
		out[i] = r.value()
		out[i].Scopes = scopes[r.ID]
	}
	return out, nil
}

// KeyByHash implements auth.KeyStore.
func (a *Access) KeyByHash(ctx context.Context, hash string) (auth.APIKey, error) {
	var row keyRow
	if err := only(ctx, a.store.Reader().NewSelect().Model(&row).Where("hash = ?", text(hash)), fmt.Errorf("API key: %w", auth.ErrNotFound), "API key"); err != nil {
		return auth.APIKey{}, err
	}
	var narrowed []scopesRow
	if err := a.store.Reader().NewSelect().Model(&narrowed).Where("key_id = ?", row.ID).Scan(ctx); err != nil {
		return auth.APIKey{}, fmt.Errorf("reading API key: %w", err)
	}
	k := row.value()
	for _, n := range narrowed {
		k.Scopes = auth.Scopes(n.Scopes)
	}
	return k, nil
}

// CreateKey implements auth.KeyStore.
func (a *Access) CreateKey(ctx context.Context, k auth.APIKey, by audit.Entry) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		added, err := store.Insert(ctx, tx, newKeyRow(k))
		if err != nil {
			return fmt.Errorf("creating API key %q: %w", k.Name, err)
		}
		if !added {
			return fmt.Errorf("API key %q: %w", k.Name, auth.ErrExists)
		}
		if k.Scopes != "" {
			if err := store.Put(ctx, tx, &scopesRow{KeyID: text(k.ID), Scopes: text(string(k.Scopes))}); err != nil {
				return fmt.Errorf("creating API key %q: %w", k.Name, err)
			}
		}
		return appendStory(ctx, tx, by, nil, keyStory(k.Name, string(k.Role), k.Prefix))
	})
}

// RevokeKey implements auth.KeyStore.
func (a *Access) RevokeKey(ctx context.Context, name string, by audit.Entry) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var row keyRow
		err := tx.NewSelect().Model(&row).Where("active_name = ?", text(name)).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("API key %q: %w", name, auth.ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("reading API key %q: %w", name, err)
		}
		now := a.store.Now()
		row.ActiveName, row.RevokedAt = nil, &now
		if _, err := tx.NewUpdate().Model(&row).Column("active_name", "revoked_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("revoking API key %q: %w", name, err)
		}
		return appendStory(ctx, tx, by, keyStory(row.Name, row.Role, row.Prefix), nil)
	})
}

func keyStory(name, role, prefix string) map[string]string {
	return map[string]string{"name": text(name), "role": text(role), "prefix": text(prefix)}
}

// TouchKey implements auth.KeyStore.
func (a *Access) TouchKey(ctx context.Context, id string, at time.Time) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model((*keyRow)(nil)).Set("last_used_at = ?", stamp(at)).Where("id = ?", text(id)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("touching API key: %w", err)
		}
		return nil
	})
}

// NoteKeyUse implements auth.KeyStore.
func (a *Access) NoteKeyUse(ctx context.Context, u auth.KeyUse, source string) error {
	err := a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		row := keyUseRow{ID: identity(u.Key.ID, u.From()), KeyID: text(u.Key.ID), Address: keyText(u.Address), FirstUsed: stamp(u.At), LastUsed: stamp(u.At)}
		var before keyUseRow
		err := tx.NewSelect().Model(&before).Where("id = ?", row.ID).Scan(ctx)
		known := err == nil
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case known && u.At.Sub(before.LastUsed) < auth.KeyUseEvery: // another node has said so
			return nil
		case known:
			row.FirstUsed = before.FirstUsed
		}
		if err := store.Put(ctx, tx, &row); err != nil {
			return err
		}
		e, err := u.Event(!known, source)
		if err != nil {
			return err
		}
		return tx.Emit(e)
	})
	if err != nil {
		return fmt.Errorf("noting from where API key %q is used: %w", u.Key.Name, err)
	}
	return nil
}
