package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// send sends the events, a batch after the other.
func send(s *served.Server, o options) error {
	for from := 0; from < o.events; from += o.batch {
		var batch []string
		for n := from; n < min(from+o.batch, o.events); n++ {
			batch = append(batch, alert(n))
		}
		if err := post(s, `{"events": [`+strings.Join(batch, ",")+`]}`); err != nil {
			return err
		}
	}
	return nil
}

func post(s *served.Server, body string) error {
	r, err := s.Do(http.MethodPost, "/events", strings.NewReader(body))
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

// alert is the event of a secret that was found.
func alert(n int) string {
	mark := func(kind string) string {
		return fmt.Sprintf("v1:5f2a9c01:%x", sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n)))
	}
	return fmt.Sprintf(`{"id": "01936d2c-5f8e-7abc-8def-%012[3]x", "topic": "leak.message.quarantined", "time": %[1]q, "source": "bench/outbox", "severity": "high", "schema": 1, "data": {
		"fingerprint": %[2]q, "rule": "github-token", "secret_type": "GITHUB_TOKEN", "redacted": "ghp_****9fK", "confidence": 0.98, "occurred_at": %[1]q,
		"source_id": "bench", "hypercore_position": %[3]d, "fork": 0, "bzzz_message_id": "bench-%[3]d", "quarantine_id": "01936d2c-5f8e-7abc-9def-%012[3]x",
		"redacted_content": "ghp_****9fK", "full_content_hash": %[4]q, "occurrences": 1, "disposition": "observed"}}`, time.Now().UTC().Format(time.RFC3339Nano), mark("secret"), n, mark("message"))
}
