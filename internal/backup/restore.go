package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/store"
)

// RestoreOptions say how a backup is read back.
type RestoreOptions struct {
	// KeyDir is where the keys go, if the backup holds any. Mandatory.
	KeyDir string
	// Passphrase opens the keys. Mandatory when the backup holds any, unless
	// WithoutKeys is set.
	Passphrase redact.Secret
	// WithoutKeys leaves the keys out.
	WithoutKeys bool
	// Record is called in the transaction that restores, as its last part. If
	// nil, nothing.
	Record func(ctx context.Context, tx *store.Tx, s Summary) error
}

// ErrNeedsPassphrase says that a backup holds keys, and none was given to open
// them.
var ErrNeedsPassphrase = errors.New("the backup holds the installation's keys: give their passphrase with --passphrase-file, or --without-keys to leave them out")

// Restore reads a backup into an empty database of any kind: all of it, or
// nothing. The keys are written last before the rows are committed, so that
// rows are never there without them. store.ErrNotEmpty, ErrDamaged,
// ErrPassphrase.
func Restore(ctx context.Context, s *store.Store, in io.Reader, o RestoreOptions) (Summary, error) {
	var sum Summary
	var keys []KeyFile
	err := s.Fill(ctx, func(ctx context.Context, f *store.Filler) (err error) {
		sum, err = read(in, visitor{
			header: o.check,
			keys: func(b []byte) (err error) {
				if o.WithoutKeys {
					return nil
				}
				if keys, err = openKeys(b, o.Passphrase); err != nil {
					return err
				}
				return checkKeys(o.KeyDir, keys)
			},
			rows: func(t store.Table, rows [][]any) error { return f.Insert(ctx, t, rows) },
		})
		if err != nil {
			return err
		}
		if o.Record != nil {
			if err := o.Record(ctx, f.Tx, sum); err != nil {
				return err
			}
		}
		return writeKeys(o.KeyDir, keys)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("restoring: %w", err)
	}
	return sum, nil
}

// check says early whether the keys can be opened.
func (o RestoreOptions) check(h Header) error {
	switch {
	case o.WithoutKeys:
		return nil
	case len(h.Keys) > 0 && o.Passphrase.IsZero():
		return ErrNeedsPassphrase
	case len(h.Keys) == 0 && !o.Passphrase.IsZero():
		return errors.New("a passphrase is given, but the backup holds no keys: leave it out")
	}
	return nil
}
