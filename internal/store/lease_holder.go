package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// LeaseHolder is who took a lease last, whether or not it has run out; empty
// when it is free.
func (s *Store) LeaseHolder(ctx context.Context, name string) (owner string, err error) {
	return leaseHolder(ctx, s.read, name)
}

// LeaseHolder is who holds a lease, seen in this transaction. A commit that
// compares it with itself cannot be stored by a node that lost the lease while
// it was at work.
func (t *Tx) LeaseHolder(ctx context.Context, name string) (owner string, err error) {
	return leaseHolder(ctx, t, name)
}

func leaseHolder(ctx context.Context, db bun.IDB, name string) (string, error) {
	row := leaseRow{Name: name}
	err := db.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the holder of lease %s: %w", name, explain(err))
	}
	return row.Owner, nil
}
