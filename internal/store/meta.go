package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// metaRow is one fact about the database itself.
type metaRow struct {
	bun.BaseModel `bun:"table:meta"`

	Name  string `bun:"name,pk"`
	Value string `bun:"value"`
}

const metaKey = "fingerprint_key"

// PinKey ties the database to the installation key under which its
// fingerprints are made: the first call stores the key's id and check value
// (redact.Keyring), every later one compares. With another key nothing could
// be joined any more, so a node that holds one must not start: ErrOtherKey.
// A node that also holds the stored key, as one of those that its own replaced
// (id and check value of each), ties the database to the new one.
func (s *Store) PinKey(ctx context.Context, keyID, check string, replaced ...[2]string) error {
	return s.MoveKey(ctx, func(context.Context, *Tx, string) error { return nil }, keyID, check, replaced...)
}

// MoveKey is PinKey that tells of a move: moved is called with the id of the
// key that was replaced, in the transaction that ties the database to the new.
func (s *Store) MoveKey(ctx context.Context, moved func(ctx context.Context, tx *Tx, from string) error, keyID, check string, replaced ...[2]string) error {
	want := metaRow{Name: metaKey, Value: keyID + ":" + check}
	have := metaRow{Name: metaKey}
	err := s.Write(ctx, func(ctx context.Context, tx *Tx) error {
		if _, err := Insert(ctx, tx, &want); err != nil {
			return err
		}
		if err := tx.NewSelect().Model(&have).WherePK().Scan(ctx); err != nil {
			return err
		}
		if have.Value == want.Value || !slices.ContainsFunc(replaced, have.pins) {
			return nil
		}
		from, _, _ := strings.Cut(have.Value, ":")
		have = want
		if err := Put(ctx, tx, &want); err != nil {
			return err
		}
		return moved(ctx, tx, from)
	})
	if err != nil {
		return fmt.Errorf("pinning the installation key: %w", err)
	}
	if have.Value != want.Value {
		return fmt.Errorf("%w: it was made with key %.8s, this node holds key %s: give this node the key of the other nodes (fingerprint.key), or another database",
			ErrOtherKey, have.Value, keyID)
	}
	return nil
}

func (r metaRow) pins(key [2]string) bool { return r.Value == key[0]+":"+key[1] }
