package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/backup"
	"go.cordon.dev/cordon/internal/cli"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/config/keys"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// backup writes a backup of the database, with the keys of the data directory
// if they are wanted.
func (n *node) backup(ctx context.Context, out io.Writer, withKeys bool, passphrase redact.Secret) error {
	o := backup.CreateOptions{Version: version, Now: time.Now(), Passphrase: passphrase}
	if withKeys {
		var err error
		if o.Keys, err = backup.ReadKeys(filepath.Join(n.cfg.Data.Dir, keys.Dir)); err != nil {
			return err
		}
	}
	_, err := backup.Create(ctx, n.store, out, o)
	return err
}

// restore reads a backup into an empty database that no server uses. The keys
// are not opened: making new ones would part the restored rows from theirs.
func restore(ctx context.Context, cfg *config.Config, in io.Reader, o cli.RestoreOptions) (_ backup.Summary, err error) {
	lock, err := lockDir(cfg.Data.Dir)
	if err != nil {
		return backup.Summary{}, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	s, err := store.Open(ctx, store.Options{URL: cfg.Store.URL})
	if err != nil {
		return backup.Summary{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return backup.Restore(ctx, s, in, backup.RestoreOptions{
		KeyDir: filepath.Join(cfg.Data.Dir, keys.Dir), Passphrase: o.Passphrase, WithoutKeys: o.WithoutKeys, Record: recordRestore,
	})
}

// recordRestore is the first record after those that were restored.
func recordRestore(ctx context.Context, tx *store.Tx, sum backup.Summary) error {
	entry := localAdmin(strconv.Itoa(os.Getuid())).Act(time.Now(), "backup.restore", "database", "")
	after, err := json.Marshal(map[string]any{"made_at": sum.CreatedAt, "made_by": sum.Cordon, "rows": sum.Total()})
	if err != nil {
		return fmt.Errorf("recording the restore: %w", err)
	}
	entry.After = after
	return sqlstore.RecordIn(ctx, tx, entry)
}
