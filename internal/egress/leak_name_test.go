package egress

import (
	"encoding/base32"
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

// What the name server refuses to ask for, the gateway does not look up either: a
// secret that is cut into labels, in small letters, or in base32.
func TestASecretInDisguiseIsNoHost(t *testing.T) {
	secret := fake(t)
	b32 := base32.StdEncoding.WithPadding(base32.NoPadding)
	for name, host := range map[string]string{
		"in small letters": strings.ToLower(secret) + ".api.example",
		"in labels":        secret[:7] + "." + secret[7:13] + "." + secret[13:] + ".api.example",
		"in base32":        strings.ToLower(b32.EncodeToString([]byte(secret))) + ".api.example",
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, strings.Replace(leakPolicy, "host: api.example", "host: '*.api.example'", 1))
			w.connect().say("CONNECT " + host + ":443 HTTP/1.1\r\nHost: api.example\r\n\r\n").answer("CONNECT")
			eventually(t, "the decision", func() bool { return len(w.decisions()) == 1 })
			if d := w.decisions()[0]; d.Decision.Allowed() || d.Decision.Reason != policy.ReasonLeak || len(w.looked) > 0 {
				t.Errorf("%s %s, looked up %v", d.Decision.Result, d.Decision.Reason, w.looked)
			}
			q := Question{Request: policy.Request{Host: strings.ToLower(host), Port: 443}, Final: true}
			if d := w.gw.Ask(t.Context(), q); d.Allowed() || d.Reason != policy.ReasonLeak {
				t.Errorf("a program that asks is told %s %s", d.Result, d.Reason)
			}
		})
	}
}
