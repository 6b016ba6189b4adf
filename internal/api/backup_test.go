package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/redact"
)

// saver is a node whose backups are what save writes.
func saver(t *testing.T, save func(out io.Writer, keys bool, passphrase string) error) *node {
	t.Helper()
	return populate(t, newNode(t, func(d *Deps) {
		d.Backup = func(_ context.Context, out io.Writer, keys bool, p redact.Secret) error {
			return save(out, keys, p.Reveal())
		}
	}))
}

func TestABackupIsStreamedAndAudited(t *testing.T) {
	n := saver(t, func(out io.Writer, keys bool, _ string) error {
		_, err := io.WriteString(out, map[bool]string{true: "with keys", false: "rows"}[keys])
		return err
	})
	w := n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{})
	if w.Code != http.StatusOK || w.Body.String() != "rows" || w.Header().Get("Content-Type") != "application/gzip" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="cordon-20260314T120000Z.tar.gz"` {
		t.Errorf("got %d %s %v", w.Code, w.Body, w.Header())
	}
	if r := n.audit.Records; len(r) != 1 || r[0].Action != "backup.create" || r[0].Actor.Name != "key-admin" || !strings.Contains(string(r[0].After), `"with_keys":false`) {
		t.Errorf("audit %+v", r)
	}
}

func TestKeysLeaveByTheSocketOnly(t *testing.T) {
	const pass = "a passphrase that is long"
	var got string
	n := saver(t, func(_ io.Writer, keys bool, p string) error {
		if keys {
			got = p
		}
		return nil
	})
	wantProblem(t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{WithKeys: true, Passphrase: pass}), http.StatusForbidden, "do not leave the machine")
	local := auth.WithPrincipal(t.Context(), auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin})
	call := func(p string) *httptest.ResponseRecorder {
		return n.call(t, request{method: http.MethodPost, path: "/api/v1/backup", body: BackupRequest{WithKeys: true, Passphrase: p}, ctx: local})
	}
	wantProblem(t, call("short"), http.StatusUnprocessableEntity, "body.passphrase")
	if got != "" || len(n.audit.Records) > 0 {
		t.Fatalf("a refused backup was made: %+v", n.audit.Records)
	}
	if w := call(pass); w.Code != http.StatusOK || got != pass {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if strings.Contains(string(n.audit.Records[0].After), pass) {
		t.Error("the passphrase is in the audit log")
	}
}

// A backup that fails before its first byte is an error; one that fails under
// way is cut off, so that it cannot be taken for a whole one.
func TestABackupThatFailsIsNone(t *testing.T) {
	n := saver(t, func(io.Writer, bool, string) error { return errors.New("disk gone") })
	w := n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{})
	wantProblem(t, w, http.StatusInternalServerError, "its log says why")
	n = saver(t, func(out io.Writer, _ bool, _ string) error {
		_, _ = io.WriteString(out, "half")
		return errors.New("disk gone")
	})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("got %v, want the connection cut", p)
		}
	}()
	n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{})
}

func TestOneBackupAtATime(t *testing.T) {
	n := saver(t, func(io.Writer, bool, string) error { return nil })
	n.backing.Lock()
	defer n.backing.Unlock()
	wantProblem(t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{}), http.StatusConflict, "is being made")
}

func TestABackupThatCannotBeAuditedIsNotMade(t *testing.T) {
	n := saver(t, func(io.Writer, bool, string) error { t.Error("made"); return nil })
	n.audit.Err = errors.New("disk gone")
	wantProblem(t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/backup", BackupRequest{}), http.StatusInternalServerError, "its log says why")
}
