package egress

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// offers keeps which protocols clients offered to an origin.
type offers struct {
	mu  sync.Mutex
	all []string
}

func (o *offers) config(from *tls.Config) *tls.Config {
	from.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all = append(o.all, strings.Join(hello.SupportedProtos, ","))
		return nil, nil
	}
	return from
}

func (o *offers) seen() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// The protocols that a client offers leave in the clear, before anything of the
// connection is encrypted: where TLS is looked into, no secret leaves in them.
func TestASecretAmongTheProtocolsOfTLS(t *testing.T) {
	secret := fake(t)
	for name, tt := range map[string]struct {
		offer []string
		want  string // what the origin is offered; empty: nobody speaks with it
	}{
		"as it is":                    {[]string{secret}, ""},
		"within a name":               {[]string{"x-" + secret + "-y"}, ""},
		"over two names":              {[]string{secret[:9], secret[9:]}, ""},
		"beside another protocol":     {[]string{"imap", secret}, ""},
		"beside HTTP, which is asked": {[]string{"http/1.1", secret}, "http/1.1"},
		"none":                        {[]string{"imap", "xmpp-client"}, "imap,xmpp-client"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen offers
			v := unveil(t, lookIntoAPI)
			v.serve("api.example", "203.0.113.9", http.NotFoundHandler(), seen.config(&tls.Config{NextProtos: []string{"imap"}}))
			o := v.trusting()
			o.ServerName, o.NextProtos = "api.example", tt.offer
			c := tls.Client(v.connect().tunnel("api.example:443").Conn, o)
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			_ = c.Handshake() // of no matter: the origin and the record say what came of it
			_ = c.Close()
			eventually(t, "the end of the tunnel", func() bool { return v.gw.Stats().Clients == 0 })
			if got := strings.Join(seen.seen(), ";"); got != tt.want {
				t.Errorf("the origin was offered %q, want %q", got, tt.want)
			}
			if denied := slices.Contains(v.reasons(), string(policy.ReasonLeak)); denied != (tt.want == "") {
				t.Errorf("denied as %v", v.reasons())
			}
		})
	}
}
