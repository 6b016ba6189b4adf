package sqlstore

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

var _ auth.AuditStore = (*Access)(nil)

// RecordAudit implements auth.AuditStore.
func (a *Access) RecordAudit(ctx context.Context, by audit.Entry) error {
	return NewAudit(a.store).RecordAudit(ctx, by)
}

// ChangeUser implements auth.UserStore.
func (a *Access) ChangeUser(ctx context.Context, name string, change auth.Change) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, by, err := decide(ctx, tx, name, change)
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(newUserRow(u)).Column("role", "password_hash", "session_epoch").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("changing user %q: %w", name, err)
		}
		if err := saveDisabled(ctx, tx, u); err != nil {
			return fmt.Errorf("changing user %q: %w", name, err)
		}
		return appendAudit(ctx, tx, by)
	})
}

// decide reads the user and how many other admins there are, and asks what is
// to become of the user.
func decide(ctx context.Context, tx *store.Tx, name string, change auth.Change) (auth.User, audit.Entry, error) {
	u, err := userByName(ctx, tx, name)
	if err != nil {
		return auth.User{}, audit.Entry{}, err
	}
	all, err := listUsers(ctx, tx)
	if err != nil {
		return auth.User{}, audit.Entry{}, err
	}
	others := 0
	for _, o := range all {
		if o.ID != u.ID && o.Role == auth.Admin && o.DisabledAt == nil {
			others++
		}
	}
	by, err := change(&u, others)
	return u, by, err
}

func saveDisabled(ctx context.Context, tx bun.IDB, u auth.User) error {
	if u.DisabledAt != nil {
		return store.Put(ctx, tx, &disabledRow{UserID: text(u.ID), DisabledAt: stamp(*u.DisabledAt)})
	}
	_, err := tx.NewDelete().Model(&disabledRow{UserID: text(u.ID)}).WherePK().Exec(ctx)
	return err
}

// DeleteUser implements auth.UserStore.
func (a *Access) DeleteUser(ctx context.Context, name string, change auth.Change) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, by, err := decide(ctx, tx, name, change)
		if err != nil {
			return err
		}
		u.DisabledAt = nil
		if err := saveDisabled(ctx, tx, u); err != nil {
			return fmt.Errorf("deleting user %q: %w", name, err)
		}
		if _, err := tx.NewDelete().Model((*sessionRow)(nil)).Where("user_id = ?", text(u.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("deleting user %q: %w", name, err)
		}
		if _, err := tx.NewDelete().Model(newUserRow(u)).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("deleting user %q: %w", name, err)
		}
		return appendAudit(ctx, tx, by)
	})
}
