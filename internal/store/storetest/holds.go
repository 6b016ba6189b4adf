package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// Holds names the first file in a folder that holds one of the words, and is empty when
// none does. Long events are packed: those of a database (*.db) are read by opening it.
// A node may run on the folder meanwhile: files that go are none.
func Holds(ctx context.Context, dir string, words ...string) (where string, searched int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		searched++
		found, err := holds(ctx, path, words)
		if found {
			where = path
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return "", 0, fmt.Errorf("searching %s: %w", dir, err)
	}
	return where, searched, nil
}

func holds(ctx context.Context, path string, words []string) (bool, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || hasOne(text, words) {
		return err == nil, err
	}
	if !strings.HasSuffix(path, ".db") {
		return false, nil
	}
	return eventsHold(ctx, path, words)
}

func eventsHold(ctx context.Context, path string, words []string) (found bool, err error) {
	s, err := store.Open(ctx, store.Options{URL: "sqlite:" + path})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for at := (event.Cursor{}); ; {
		records, err := s.Events(ctx, at, 1_000)
		if err != nil || len(records) == 0 {
			return false, err
		}
		for _, r := range records {
			if text, err := r.Event.AppendJSON(nil); err != nil || hasOne(text, words) {
				return err == nil, err
			}
		}
		at = records[len(records)-1].Cursor
	}
}

func hasOne(text []byte, words []string) bool {
	for _, w := range words {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}
