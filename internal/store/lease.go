package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// leaseRow is a named thing that one node at a time may do.
type leaseRow struct {
	bun.BaseModel `bun:"table:leases"`

	Name      string    `bun:"name,pk"`
	Owner     string    `bun:"owner"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// AcquireLease takes the lease for ttl when it is free, has run out, or is the
// owner's own; held says whether the owner has it now.
func (s *Store) AcquireLease(ctx context.Context, name, owner string, ttl time.Duration) (held bool, err error) {
	now := s.Now()
	row := leaseRow{Name: name, Owner: owner, ExpiresAt: now.Add(ttl)}
	err = s.Write(ctx, func(ctx context.Context, tx *Tx) error {
		held, err = Insert(ctx, tx, &row)
		if held || err != nil {
			return err
		}
		held, err = Touched(tx.NewUpdate().Model(&row).WherePK().
			Where("owner = ? OR expires_at <= ?", owner, now).Exec(ctx))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("acquiring lease %s: %w", name, err)
	}
	return held, nil
}

// RenewLease prolongs a lease that the owner holds; held false: it ran out or
// another has it, and the owner must stop what it guards.
func (s *Store) RenewLease(ctx context.Context, name, owner string, ttl time.Duration) (held bool, err error) {
	now := s.Now()
	row := leaseRow{Name: name, Owner: owner, ExpiresAt: now.Add(ttl)}
	err = s.Write(ctx, func(ctx context.Context, tx *Tx) error {
		held, err = Touched(tx.NewUpdate().Model(&row).WherePK().
			Where("owner = ? AND expires_at > ?", owner, now).Exec(ctx))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("renewing lease %s: %w", name, err)
	}
	return held, nil
}

// ReleaseLease frees a lease if the owner holds it.
func (s *Store) ReleaseLease(ctx context.Context, name, owner string) error {
	err := s.Write(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.NewDelete().Model((*leaseRow)(nil)).Where("name = ? AND owner = ?", name, owner).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("releasing lease %s: %w", name, err)
	}
	return nil
}
