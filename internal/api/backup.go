package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/backup"
	"go.cordon.dev/cordon/internal/redact"
)

const actionBackup = "backup.create"

// backupType is the media type of a backup.
const backupType = "application/gzip"

// BackupRequest says what goes into a backup.
type BackupRequest struct {
	WithKeys   bool   `json:"with_keys,omitempty" doc:"Also the installation's keys, sealed. Only the administrator of the machine may have them."`
	Passphrase string `json:"passphrase,omitempty" maxLength:"1024" doc:"Seals the keys: at least 12 characters."`
}

func backupOperation() huma.Operation {
	op := route{call: "POST /backup", gate: admin, id: "createBackup", tag: "backup", summary: "Back up the whole database",
		more: "A gzipped tar, streamed: what ends early is no backup. The tables are as they were at one moment. Without keys, a restored installation needs the old key files to start.", errors: []int{404, 409}}.operation()
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The backup.",
		Content:     map[string]*huma.MediaType{backupType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}}
	return op
}

type backupInput struct{ Body BackupRequest }

func (s *server) createBackup(ctx context.Context, in *backupInput) (*huma.StreamResponse, error) {
	who, _ := auth.PrincipalFrom(ctx)
	switch {
	case s.Backup == nil:
		return nil, problem(http.StatusNotFound, "this server makes no backups")
	case in.Body.WithKeys && who.Kind != auth.KindLocal:
		return nil, problem(http.StatusForbidden, "the keys do not leave the machine by the network; run on it: cordon backup create FILE --with-keys")
	case in.Body.WithKeys && len(in.Body.Passphrase) < backup.MinPassphrase:
		return nil, invalid("body.passphrase", fmt.Sprintf("use at least %d characters: whoever has the file can guess as long as they like", backup.MinPassphrase))
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) { s.sendBackup(hc, in.Body) }}, nil
}

// sendBackup writes the backup to the caller. One is made at a time. When it
// fails under way, the connection is cut: half a backup must not look like one.
func (s *server) sendBackup(hc huma.Context, r BackupRequest) {
	if !s.backing.TryLock() {
		s.refuse(hc, problem(http.StatusConflict, "a backup is being made; try again when it is done"))
		return
	}
	defer s.backing.Unlock()
	ctx, cancel := context.WithCancel(hc.Context())
	defer cancel()
	defer context.AfterFunc(s.streams.ctx, cancel)() // the server stops
	if err := s.recordBackup(ctx, r.WithKeys); err != nil {
		s.Log.ErrorContext(ctx, "backup not made", "error", err)
		s.refuse(hc, problem(http.StatusInternalServerError, "%s", errInternal.Error()))
		return
	}
	hc.SetHeader("Content-Type", backupType)
	hc.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="cordon-%s.tar.gz"`, s.Clock.Now().UTC().Format("20060102T150405Z")))
	out := &counter{Writer: hc.BodyWriter()}
	err := s.Backup(ctx, out, r.WithKeys, redact.NewSecret(r.Passphrase))
	switch {
	case err == nil:
		return
	case ctx.Err() == nil:
		s.Log.ErrorContext(ctx, "backup failed", "error", err)
	}
	if out.n > 0 {
		panic(http.ErrAbortHandler)
	}
	s.refuse(hc, problem(http.StatusInternalServerError, "%s", errInternal.Error()))
}

func (s *server) recordBackup(ctx context.Context, keys bool) error {
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	return s.record(ctx, actionBackup, "database", map[string]any{"with_keys": keys, "at": s.Clock.Now().UTC().Truncate(time.Second)})
}

// counter knows whether something was written.
type counter struct {
	io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	return n, err
}
