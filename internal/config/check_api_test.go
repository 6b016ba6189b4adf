package config

import (
	"strings"
	"testing"
	"time"
)

func nothing(string) (string, bool) { return "", false }

func TestWhatTheAPITakes(t *testing.T) {
	for name, tt := range map[string]struct{ yaml, want string }{
		"half a certificate":       {"tls: {cert: a.pem}", "api.tls: give both cert and key"},
		"a proxy by name":          {"trusted_proxies: [proxy.lan]", `api.trusted_proxies[0]: "proxy.lan" is no network`},
		"a network with host bits": {`allow: ["10.0.0.0/8", "10.0.0.1/8"]`, `api.allow[1]: "10.0.0.1/8" is no network`},
		"a negative rate":          {"rate_limit: {per_second: -1}", "api.rate_limit: per_second and burst"},
		"an unknown key":           {"rate_limit: {per_minute: 3}", "per_minute"},
	} {
		if _, err := Parse([]byte("api: {"+tt.yaml+"}"), nothing); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	c, err := Parse([]byte(`api: {tls: {cert: a, key: b}, trusted_proxies: ["10.0.0.0/8", "::1"], allow: [192.0.2.7], rate_limit: {per_second: 10, burst: 7}}`), nothing)
	if err != nil || c.API.URL() != "https://127.0.0.1:8420" || c.API.RateLimit.Every() != 100*time.Millisecond || c.API.RateLimit.Most() != 7 {
		t.Errorf("got %+v, %v", c, err)
	}
	for listen, want := range map[string]string{
		"0.0.0.0:8420": "http://127.0.0.1:8420", "[::]:8420": "http://127.0.0.1:8420", ":8420": "http://127.0.0.1:8420",
		"192.0.2.1:80": "http://192.0.2.1:80", "[2001:db8::1]:80": "http://[2001:db8::1]:80", "localhost:8420": "http://localhost:8420",
	} {
		if got := (API{Listen: listen}).URL(); got != want {
			t.Errorf("who listens on %s is reached by %s, want %s", listen, got, want)
		}
	}
	if c, err = Parse(nil, nothing); err != nil || c.API.URL() != "http://127.0.0.1:8420" || c.API.RateLimit.Every() != 20*time.Millisecond || c.API.RateLimit.Most() != 200 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// Plain HTTP that other machines reach is warned of, unless TLS is in front.
func TestPlainHTTPInTheOpenIsWarnedOf(t *testing.T) {
	for yaml, want := range map[string]int{
		`listen: "0.0.0.0:8420"`:                                1,
		`listen: "0.0.0.0:8420", tls: {cert: a, key: b}`:        0,
		`listen: "0.0.0.0:8420", trusted_proxies: ["10.0.0.1"]`: 0,
		`listen: "127.0.0.1:8420"`:                              0,
	} {
		if c, err := Parse([]byte("api: {"+yaml+"}"), nothing); err != nil || len(c.Warnings) != want {
			t.Errorf("%s: %v, %v", yaml, c.Warnings, err)
		}
	}
}
