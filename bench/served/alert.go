package served

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Alert is the event of a secret that was found at a place of a log, as JSON. Each place
// is another secret in another message.
func Alert(place uint64, at time.Time) string {
	mark := func(kind string) string {
		return fmt.Sprintf("v1:5f2a9c01:%x", sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, place)))
	}
	return fmt.Sprintf(`{"id": "01936d2c-5f8e-7abc-8def-%012[3]x", "topic": "leak.message.quarantined", "time": %[1]q, "source": "bench", "severity": "high", "schema": 1, "data": {
		"fingerprint": %[2]q, "rule": "github-token", "secret_type": "GITHUB_TOKEN", "redacted": "ghp_****9fK", "confidence": 0.98, "occurred_at": %[1]q,
		"source_id": "bench", "hypercore_position": %[3]d, "fork": 0, "bzzz_message_id": "bench-%[3]d", "quarantine_id": "01936d2c-5f8e-7abc-9def-%012[3]x",
		"redacted_content": "ghp_****9fK", "full_content_hash": %[4]q, "occurrences": 1, "disposition": "observed"}}`, at.UTC().Format(time.RFC3339Nano), mark("secret"), place, mark("message"))
}

// Say sends events, each as JSON, in one batch. The error says why it was not taken.
func (s *Server) Say(events ...string) error {
	r, err := s.Do(http.MethodPost, "/events", strings.NewReader(`{"events": [`+strings.Join(events, ",")+`]}`))
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	answer, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("%s: %s", r.Status, answer)
	}
	return err
}
