package sqlstore

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/store"
)

// Opener opens what a Recorder has sealed; *capture.Sealer does.
type Opener interface {
	OpenLog(id string, sealed []byte) (capture.Evidence, error)
	OpenChunk(id string, sealed []byte) ([]byte, error)
	OpenCredential(id string, sealed []byte) (capture.Revealed, error)
}

// Blobs reads the files that clients left; *capture.Blobs does. Read's error is
// capture.ErrNoData when this node does not have one.
type Blobs interface {
	Read(day, sha256 string) ([]byte, error)
}

// Capture keeps what attackers did on deckies.
type Capture struct {
	store  *store.Store
	opener Opener
	blobs  Blobs
}

var _ capture.Store = (*Capture)(nil)

// NewCapture returns what was captured in s. All are mandatory.
func NewCapture(s *store.Store, opener Opener, blobs Blobs) *Capture {
	return &Capture{s, opener, blobs}
}

// Capture implements capture.Store.
func (c *Capture) Capture(ctx context.Context, b capture.Batch) error {
	err := c.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		fresh, err := store.Insert(ctx, tx, &captureBatchRow{ID: text(b.ID), Node: keyText(b.Node), StoredAt: c.store.Now()})
		if err != nil || !fresh {
			return err
		}
		return c.captured(ctx, tx, b)
	})
	if err != nil {
		return fmt.Errorf("storing what attackers did: %w", err)
	}
	return nil
}

func (c *Capture) captured(ctx context.Context, tx *store.Tx, b capture.Batch) error {
	for _, e := range b.Entries {
		encoded, err := e.Encoded()
		if err != nil {
			return err
		}
		tx.EmitFresh(encoded) // the batch is stored once
	}
	for _, part := range []func() error{
		func() error { return store.InsertAll(ctx, tx, rowsFor(b.Entries, newDeckyLogRow)) },
		func() error { return store.PutAll(ctx, tx, rowsFor(b.Sessions, newDeckySessionRow)) },
		func() error { return store.InsertAll(ctx, tx, rowsFor(b.Chunks, newDeckyChunkRow)) },
		func() error { return store.InsertAll(ctx, tx, rowsFor(b.Artifacts, newDeckyArtifactRow)) },
		func() error { return tryCredentials(ctx, tx, b.Attempts) },
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func rowsFor[V, R any](values []V, row func(V) R) []R {
	out := make([]R, len(values))
	for i, v := range values {
		out[i] = row(v)
	}
	return out
}

// Abandon implements capture.Store.
func (c *Capture) Abandon(ctx context.Context, node string, before time.Time) error {
	err := c.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model((*deckySessionRow)(nil)).Set("ended_at = seen_at").Set("end_reason = ?", "the node ended").
			Where("ended_at IS NULL").Where("node = ?", keyText(node)).Where("started_at < ?", stamp(before)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("ending sessions of an earlier run: %w", err)
	}
	return nil
}

// dropCaptured deletes what attackers did before a time. Credentials go by when
// they were tried last.
func dropCaptured(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	return dropEach(
		func() (int, error) { return dropByID[deckyLogRow](ctx, tx, before) },
		func() (int, error) { return dropByID[deckyChunkRow](ctx, tx, before) },
		func() (int, error) { return dropByID[deckyArtifactRow](ctx, tx, before) },
		func() (int, error) { return dropByID[deckySessionRow](ctx, tx, before) },
		func() (int, error) { return dropByID[captureBatchRow](ctx, tx, before) },
		func() (int, error) { return dropWhere[credentialRow](ctx, tx, "last_seen < ?", stamp(before)) },
	)
}
