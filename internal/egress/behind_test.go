package egress

import (
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Who says in his ClientHello what TLS will hide is believed where that speaks against
// him: a name for HTTP makes no web server of a name server.
func TestWhatTLSHides(t *testing.T) {
	for name, tt := range map[string]struct {
		alpn []string
		port uint16
		want policy.Protocol
	}{
		"nothing said, a web server":              {nil, 443, policy.TLS},
		"HTTP":                                    {[]string{"h2", "http/1.1"}, 443, policy.TLS},
		"nothing said, a name server":             {nil, 853, policy.DNS},
		"DNS over TLS (RFC 7858)":                 {[]string{"dot"}, 853, policy.DNS},
		"DNS over TLS at the port of web servers": {[]string{"dot"}, 443, policy.DNS},
		"DNS over TLS among others":               {[]string{"h2", "dot"}, 443, policy.DNS},
		"a word of its own at a name server's":    {[]string{"x"}, 853, policy.DNS},
		"HTTP at a name server's port":            {[]string{"h2"}, 853, policy.TLS},
		"PostgreSQL":                              {[]string{"postgresql"}, 443, policy.Postgres},
		"a word of its own at Redis's":            {[]string{"x"}, 6379, policy.Redis},
	} {
		if got := behindTLS(tt.alpn, tt.port); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
