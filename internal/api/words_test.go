package api

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

// TestASecretInAReasonIsNotStored: who judges a leak quotes it. The audit log
// keeps what it was given for ever.
func TestASecretInAReasonIsNotStored(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) {
		d.Redact = func(text string) string { return strings.ReplaceAll(text, "hunter2", "[redacted]") }
	}))
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/quarantine/"+rowID(1)+"/review", ReviewRequest{Action: "confirmed", Reason: "hunter2 was live"})
	if q := decode[Quarantine](t, w); w.Code != 200 || q.ReviewReason != "[redacted] was live" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if e := n.shelf.audit[0]; e.Reason != "[redacted] was live" {
		t.Errorf("audited %+v", e)
	}
}
