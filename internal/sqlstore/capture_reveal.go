package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/store"
)

// Each of the methods below shows evidence in the clear. The audit entry, in which
// the caller has set actor, action and reason, is stored before anything is shown;
// when it cannot be, nothing is.

// revealed stores the audit entry of something that is about to be shown.
func (c *Capture) revealed(ctx context.Context, by audit.Entry, target string, facts map[string]string) error {
	err := c.store.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		e := by
		e.Target = target
		if e.After, err = json.Marshal(facts); err != nil {
			return err
		}
		return appendAudit(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("recording that evidence is shown: %w", err)
	}
	return nil
}

// RevealLog returns the evidence of a log. The error is capture.ErrNotFound when
// there is no such log; one without evidence has none.
func (c *Capture) RevealLog(ctx context.Context, logID string, by audit.Entry) (capture.Evidence, error) {
	row, err := oneByID[deckyLogRow](ctx, c, logID)
	if err != nil || len(row.Evidence) == 0 {
		return capture.Evidence{}, err
	}
	if err := c.revealed(ctx, by, "log "+row.ID, map[string]string{"decky": row.Decky, "service": row.Service, "session": row.SessionID}); err != nil {
		return capture.Evidence{}, err
	}
	return c.opener.OpenLog(row.ID, row.Evidence)
}

// Reveal returns a credential in the clear. The error is capture.ErrNotFound when
// there is none, capture.ErrNoSecret when only its fingerprint was kept.
func (c *Capture) Reveal(ctx context.Context, credentialID string, by audit.Entry) (capture.Revealed, error) {
	row, err := oneByID[credentialRow](ctx, c, credentialID)
	if err != nil {
		return capture.Revealed{}, err
	}
	if len(row.Sealed) == 0 {
		return capture.Revealed{}, capture.ErrNoSecret
	}
	facts := map[string]string{"decky": row.Decky, "service": row.Service, "kind": row.Kind, "fingerprint": row.Fingerprint}
	if err := c.revealed(ctx, by, "credential "+row.ID, facts); err != nil {
		return capture.Revealed{}, err
	}
	return c.opener.OpenCredential(row.ID, row.Sealed)
}

// RevealArtifact returns an artifact with its content. The errors are
// capture.ErrNotFound and, when the content is not on this node, capture.ErrNoData.
func (c *Capture) RevealArtifact(ctx context.Context, artifactID string, by audit.Entry) (capture.Artifact, []byte, error) {
	row, err := oneByID[deckyArtifactRow](ctx, c, artifactID)
	if err != nil {
		return capture.Artifact{}, nil, err
	}
	a := row.value()
	if a.Kept == 0 && a.Size > 0 {
		return a, nil, capture.ErrNoData
	}
	if err := c.revealed(ctx, by, "artifact "+a.ID, map[string]string{"decky": a.Decky, "service": a.Service, "sha256": a.SHA256}); err != nil {
		return a, nil, err
	}
	data, err := c.blobs.Read(a.Day, a.SHA256)
	return a, data, err
}

// The most of a transcript that one call returns.
const (
	maxTranscriptLines = 10_000
	maxTranscriptBytes = 4 << 20
	chunksAtOnce       = 32
)

// Transcript returns at most limit lines of a session's terminal, from the byte
// offset on, or from the next line when that is within one. Only what is needed is
// read: each chunk knows where it begins. The error is capture.ErrNotFound when
// the session is not that decky's.
func (c *Capture) Transcript(ctx context.Context, decky, sessionID string, offset int64, limit int, by audit.Entry) (capture.Transcript, error) {
	s, err := c.Session(ctx, sessionID)
	if err == nil && s.Decky != decky {
		err = capture.ErrNotFound
	}
	if err != nil || s.Transcript == 0 {
		return capture.Transcript{}, err
	}
	if err := c.revealed(ctx, by, "transcript "+s.ID, map[string]string{"decky": decky, "offset": fmt.Sprint(offset)}); err != nil {
		return capture.Transcript{}, err
	}
	r := reading{at: max(offset, 0), limit: min(max(limit, 1), maxTranscriptLines), out: capture.Transcript{Next: max(offset, 0), Total: s.Transcript}}
	for done := false; !done; {
		rows, err := c.chunks(ctx, sessionID, r.out.Next)
		if err != nil {
			return capture.Transcript{}, err
		}
		if done, err = r.take(rows, c.opener); err != nil {
			return capture.Transcript{}, err
		}
	}
	return r.out, nil
}

// chunks reads some chunks in order, from the one that holds an offset on.
func (c *Capture) chunks(ctx context.Context, sessionID string, offset int64) ([]deckyChunkRow, error) {
	var rows []deckyChunkRow
	db := c.store.Reader()
	first := db.NewSelect().Model((*deckyChunkRow)(nil)).ColumnExpr("COALESCE(MAX(begins_at), 0)").
		Where("session_id = ?", text(sessionID)).Where("begins_at <= ?", offset)
	err := db.NewSelect().Model(&rows).Where("session_id = ?", text(sessionID)).Where("begins_at >= (?)", first).
		OrderExpr("begins_at").Limit(chunksAtOnce).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading a transcript: %w", err)
	}
	return rows, nil
}

// reading is a call of Transcript on its way.
type reading struct {
	at    int64 // the offset that was asked for
	limit int
	bytes int
	out   capture.Transcript
}

// take adds the lines of chunks; done when there are enough, or no more.
func (r *reading) take(rows []deckyChunkRow, o Opener) (done bool, err error) {
	before := r.out.Next
	for _, row := range rows {
		plain, err := o.OpenChunk(row.ID, row.Sealed)
		if err != nil {
			return true, err
		}
		if r.lines(row.BeginsAt, plain) {
			return true, nil
		}
	}
	return len(rows) < chunksAtOnce || r.out.Next == before, nil
}

// lines adds the lines of one chunk that begins at a place; full when no more fit.
func (r *reading) lines(begins int64, plain []byte) (full bool) {
	for len(plain) > 0 {
		line, rest, _ := bytes.Cut(plain, []byte{'\n'})
		next := begins + int64(len(line)) + 1
		if begins >= r.at {
			if len(r.out.Lines) == r.limit || r.bytes > 0 && r.bytes+len(line) > maxTranscriptBytes {
				return true
			}
			r.out.Lines = append(r.out.Lines, string(line))
			r.bytes += len(line)
		}
		r.out.Next = max(r.out.Next, next)
		begins, plain = next, rest
	}
	return false
}

// cutName takes a name of capture.Artifact.StoredAs apart.
func cutName(storedAs string) (day, hash string, ok bool) { return strings.Cut(storedAs, "_") }
