package httpx

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// seen is who a handler takes the caller for behind the trusted proxies.
func seen(t *testing.T, trusted []string, from string, headers ...string) (addr string, tls bool) {
	t.Helper()
	networks, err := ParsePrefixes(trusted)
	if err != nil {
		t.Fatal(err)
	}
	r := get("/")
	r.RemoteAddr = from
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	BehindProxies(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		addr, tls = ClientKey(r), OverTLS(r)
	}), networks).ServeHTTP(httptest.NewRecorder(), r)
	return addr, tls
}

func TestOnlyTrustedProxiesSayWhoTheCallerIs(t *testing.T) {
	lan, two := []string{"10.0.0.0/8"}, []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}
	tests := map[string]struct {
		trusted []string
		from    string
		headers []string
		want    string
	}{
		"nobody is trusted":              {nil, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9"}, "10.0.0.1"},
		"somebody else claims":           {lan, "198.51.100.1:1", []string{"X-Forwarded-For: 198.51.100.9"}, "198.51.100.1"},
		"the proxy says":                 {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9"}, "198.51.100.9"},
		"the client lied to the proxy":   {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 127.0.0.1, 198.51.100.9"}, "198.51.100.9"},
		"the client lied that it is one": {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 203.0.113.5, 10.0.0.9, 198.51.100.9"}, "198.51.100.9"},
		"two proxies":                    {two, "10.0.0.1:1", []string{"X-Forwarded-For: 127.0.0.1, 198.51.100.9, 192.0.2.7"}, "198.51.100.9"},
		"two headers":                    {two, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 192.0.2.7"}, "198.51.100.9"},
		"the proxy itself":               {lan, "10.0.0.1:1", nil, "10.0.0.1"},
		"nonsense":                       {lan, "10.0.0.1:1", []string{"X-Forwarded-For: unknown"}, "10.0.0.1"},
		"nonsense behind a good one":     {two, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9, _x, 192.0.2.7"}, "192.0.2.7"},
		"with a port":                    {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9:4711"}, "198.51.100.9"},
		"IPv6":                           {two, "[2001:db8::1]:1", []string{"X-Forwarded-For: [2620:fe::fe]:4711"}, "2620:fe::/64"},
		"IPv4 in IPv6":                   {lan, "[::ffff:10.0.0.1]:1", []string{"X-Forwarded-For: ::ffff:198.51.100.9"}, "198.51.100.9"},
		"a zone":                         {two, "[2001:db8::1%eth0]:1", []string{"X-Forwarded-For: fe80::2%eth0"}, "fe80::/64"},
		"a zone in brackets":             {two, "10.0.0.1:1", []string{"X-Forwarded-For: [fe80::2%25eth0]:80"}, "fe80::/64"},
		"empty hops":                     {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9,,"}, "10.0.0.1"},
		"octal":                          {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 0177.0.0.1"}, "10.0.0.1"},
		"a port that is none":            {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9:99999"}, "10.0.0.1"},
		"a line break":                   {lan, "10.0.0.1:1", []string{"X-Forwarded-For: 198.51.100.9\r\n127.0.0.1"}, "10.0.0.1"},
		"10,000 forged hops":             {lan, "10.0.0.1:1", []string{"X-Forwarded-For: " + strings.Repeat("127.0.0.1,", 10_000) + "198.51.100.9"}, "198.51.100.9"},
		"10,000 hops of somebody else":   {lan, "198.51.100.1:1", []string{"X-Forwarded-For: " + strings.Repeat("10.0.0.2,", 10_000)}, "198.51.100.1"},
		"another header":                 {lan, "10.0.0.1:1", []string{"X-Real-Ip: 198.51.100.9", "Forwarded: for=198.51.100.9"}, "10.0.0.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, _ := seen(t, tt.trusted, tt.from, tt.headers...); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A chain of a trusted proxy's own addresses ends somewhere.
func TestALongChainIsBounded(t *testing.T) {
	chain := "X-Forwarded-For: 198.51.100.9" + strings.Repeat(", 10.0.0.2", 10_000)
	if got, _ := seen(t, []string{"10.0.0.0/8"}, "10.0.0.1:1", chain); got != "10.0.0.2" {
		t.Errorf("got %s", got)
	}
}

func TestOnlyTrustedProxiesSayThatItWasTLS(t *testing.T) {
	for from, want := range map[string]bool{"10.0.0.1:1": true, "198.51.100.1:1": false} {
		if _, tls := seen(t, []string{"10.0.0.0/8"}, from, "X-Forwarded-Proto: https"); tls != want {
			t.Errorf("from %s: %v", from, tls)
		}
	}
}

func TestParsePrefixes(t *testing.T) {
	got, err := ParsePrefixes([]string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1"})
	if err != nil || len(got) != 4 || got[1].String() != "192.0.2.7/32" || got[3].String() != "::1/128" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "10.0.0.1/8", "10.0.0.0/33", "lan", "10.0.0.0/8, ::1"} {
		if _, err := ParsePrefixes([]string{bad}); err == nil || !strings.Contains(err.Error(), "no network such as") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestWhoIsNotLetInIsTurnedAway(t *testing.T) {
	networks, err := ParsePrefixes([]string{"192.0.2.0/24", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	trusted, _ := ParsePrefixes([]string{"10.0.0.1"})
	for from, want := range map[string]int{
		"192.0.2.9:1": 200, "[::ffff:192.0.2.9]:1": 200, "[::1]:1": 200, "198.51.100.1:1": 403, "nowhere": 403,
		"10.0.0.1:1": 403, // the proxy: what counts is whom it passes on
	} {
		r := get("/")
		r.RemoteAddr = from
		if from == "10.0.0.1:1" {
			r.Header.Set("X-Forwarded-For", "198.51.100.1")
		}
		w := httptest.NewRecorder()
		Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }), WrapOptions{Allow: networks, Proxies: trusted}).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %s: %d, want %d", from, w.Code, want)
		}
		if want == 403 && !strings.Contains(problemOf(t, w).Detail, "api.allow") {
			t.Errorf("from %s: %s", from, w.Body)
		}
	}
}

// Whatever a header says, the answer is the peer or something it named.
func FuzzForwardedFor(f *testing.F) {
	f.Add("198.51.100.9, 10.0.0.2")
	f.Add("[::1]:80,,")
	f.Fuzz(func(t *testing.T, header string) {
		networks, _ := ParsePrefixes([]string{"10.0.0.0/8"})
		peer, _ := parseHop("10.0.0.1")
		got := client([]string{header}, peer, networks)
		if !got.IsValid() || got != peer && !strings.Contains(header, ".") && !strings.Contains(header, ":") {
			t.Errorf("%q leads to %v", header, got)
		}
	})
}
