package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/store"
)

// CreateOptions say what goes into a backup beside the rows.
type CreateOptions struct {
	Version    string        // Mandatory. Of this program.
	Now        time.Time     // Mandatory. When the backup is made.
	Keys       []KeyFile     // If none, the keys are not in it.
	Passphrase redact.Secret // Mandatory with Keys. Seals them.
}

// Create writes a backup of the whole database as it is at one moment; others
// go on writing meanwhile. What was written is no backup when it returns an
// error.
func Create(ctx context.Context, s *store.Store, out io.Writer, o CreateOptions) (Manifest, error) {
	sealed, err := sealKeys(o.Keys, o.Passphrase)
	if err != nil {
		return Manifest{}, fmt.Errorf("backing up: %w", err)
	}
	zip := gzip.NewWriter(out)
	w := &writer{tar: tar.NewWriter(zip), now: o.Now, manifest: Manifest{Rows: map[string]int64{}}}
	if err := w.json(headerName, newHeader(o.Version, o.Now, names(o.Keys))); err != nil {
		return Manifest{}, err
	}
	if sealed != nil {
		if err := w.member(keysName, sealed); err != nil {
			return Manifest{}, err
		}
	}
	if err := s.Snapshot(ctx, w.tables); err != nil {
		return Manifest{}, fmt.Errorf("backing up: %w", err)
	}
	if err := w.json(manifestName, w.manifest); err != nil {
		return Manifest{}, err
	}
	if err := errors.Join(w.tar.Close(), zip.Close()); err != nil {
		return Manifest{}, fmt.Errorf("writing backup: %w", err)
	}
	return w.manifest, nil
}

// writer writes the members of a backup and takes note of them.
type writer struct {
	tar      *tar.Writer
	now      time.Time
	manifest Manifest
}

func (w *writer) tables(ctx context.Context, snap *store.Snapshot) error {
	for _, t := range kept() {
		if err := w.table(ctx, snap, t); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) table(ctx context.Context, snap *store.Snapshot, t store.Table) error {
	var chunk bytes.Buffer
	n := 0
	flush := func() error {
		if chunk.Len() == 0 {
			return nil
		}
		n++
		err := w.member(fmt.Sprintf("%s%s/%06d.jsonl", tablesPrefix, t.Name, n), chunk.Bytes())
		chunk.Reset()
		return err
	}
	w.manifest.Rows[t.Name] = 0
	err := snap.Each(ctx, t, func(row []any) error {
		line, err := encodeRow(row)
		if err != nil {
			return err
		}
		chunk.Write(line)
		w.manifest.Rows[t.Name]++
		if chunk.Len() < chunkSize {
			return ctx.Err()
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

func (w *writer) json(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing backup: encoding %s: %w", name, err)
	}
	return w.member(name, append(b, '\n'))
}

func (w *writer) member(name string, b []byte) error {
	err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b)), ModTime: w.now.UTC(), Format: tar.FormatPAX})
	if err == nil {
		_, err = w.tar.Write(b)
	}
	if err != nil {
		return fmt.Errorf("writing backup: %w", err)
	}
	sum := sha256.Sum256(b)
	w.manifest.Members = append(w.manifest.Members, member{name, int64(len(b)), hex.EncodeToString(sum[:])})
	return nil
}
