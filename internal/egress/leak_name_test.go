package egress

import (
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A name goes to a name server before anything else goes anywhere.
func TestASecretIsNoHost(t *testing.T) {
	secret := fake(t)
	for name, ask := range map[string]func(*raw){
		"http": func(c *raw) {
			c.say("GET http://" + secret + ".api.example/ HTTP/1.1\r\nHost: " + secret + ".api.example\r\n\r\n").answer("GET")
		},
		"connect": func(c *raw) {
			c.say("CONNECT " + secret + ".api.example:443 HTTP/1.1\r\nHost: api.example\r\n\r\n").answer("CONNECT")
		},
		"socks": func(c *raw) { c.socks(secret+".api.example", 443) },
	} {
		for mode, doc := range map[string]string{"strict": leakPolicy, "audit": auditPolicy} {
			t.Run(name+" in "+mode, func(t *testing.T) {
				w, _ := inspected(t, doc)
				ask(w.connect())
				eventually(t, "the decision", func() bool { return len(w.decisions()) == 1 })
				d := w.decisions()[0]
				if d.Decision.Allowed() || d.Decision.Reason != policy.ReasonLeak || len(d.Findings) != 1 {
					t.Errorf("%+v", d)
				}
				if kept := strings.ToUpper(fmt.Sprint(d, d.URL.Reveal())); strings.Contains(kept, secret) || len(w.looked) > 0 {
					t.Errorf("looked up %v, kept %s", len(w.looked), kept)
				}
			})
		}
	}
}
