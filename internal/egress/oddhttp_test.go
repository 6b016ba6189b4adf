package egress

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A method is any token to many servers (Go's among them). Who sends the first bytes of an
// unusual one by themselves is no stream of TCP, into which nobody looks.
func TestUnusualMethodsByteByByte(t *testing.T) {
	secret := fake(t)
	for name, method := range map[string]string{
		"a mark": "!x", "a number": "1POST", "a dollar": "$POST", "a long word": strings.Repeat("POST", 7), "longer than any": strings.Repeat("POST", 20),
		"SSH's first word": "SSH-2.0-x", "SMTP's": "EHLO", "Redis's": "*1",
	} {
		for _, head := range []int{1, 5, 40} {
			t.Run(fmt.Sprintf("%s, %d first", name, head), func(t *testing.T) {
				w, box := inspected(t, "mode: strict\nallowlist: {rules: [{host: api.example, ports: [80]}]}\n")
				said := fmt.Sprintf("%s /x HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", method, len(secret), secret)
				head := min(head, len(method))
				c := w.connect().tunnel("api.example:80").say(said[:head])
				time.Sleep(20 * time.Millisecond)        // so that they go alone: the test fails no more often without it
				_, _ = c.Conn.Write([]byte(said[head:])) // refused already, maybe
				_ = c.over()
				if strings.Contains(box.all(), secret) {
					t.Error("the origin got it")
				}
				d := w.decisions()
				if last := d[len(d)-1].Decision; last.Allowed() || last.Reason != policy.ReasonLeak && last.Reason != ReasonBadRequest {
					t.Errorf("%+v", last)
				}
			})
		}
	}
}
