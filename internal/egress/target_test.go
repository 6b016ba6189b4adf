package egress

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestAuthorities(t *testing.T) {
	for text, want := range map[string]string{
		"a.example": "a.example:80", "A.Example.:8080": "a.example:8080", "[::1]:81": "[::1]:81", "[2001:DB8::1]": "[2001:db8::1]:80", "0x7f.1:1": "127.0.0.1:1", "a.example:": "a.example:80",
		"": "", ":80": "", "a.example:0": "", "a.example:65536": "", "a.example:+1": "", "a.example:01": "", "a.example:1:2": "", "::1": "", "[::1": "", "[::1]x": "", "[a.example]": "", "x@a.example": "", "a example": "", "a.example/": "", "a.example\x00": "",
	} {
		got, err := parseAuthority(text, 80)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%q: %s, %v, want %q", text, got, err, want)
		}
	}
	if _, err := parseAuthority("a.example", 0); err == nil {
		t.Error("a port that must be there may be left out")
	}
}

// Whatever URL is taken, Go's own reader sees the same host and port in it, and
// no user: what was judged is what others will understand.
func FuzzLink(f *testing.F) {
	for _, s := range []string{"http://a.example/x?y", "http://[::1]:81", "http://a@b/", `http://a\@b/`, "http://a.example:80?x", "HTTP://0x7f.1/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }) {
			return // the reader of heads has refused it
		}
		l, err := parseLink(text)
		if err != nil {
			return
		}
		if l.path == "" || l.path[0] != '/' {
			t.Fatalf("%q has the path %q", text, l.path)
		}
		u, err := url.Parse(text)
		if err != nil {
			return // others refuse it: nobody is led elsewhere
		}
		host, err := policy.NormalHost(u.Hostname())
		if err != nil || host != l.host || u.User != nil {
			t.Errorf("%q: %q here, %q (%v) for others", text, l.host, u.Hostname(), err)
		}
		if p := u.Port(); p != "" && !strings.HasSuffix(l.String(), ":"+p) {
			t.Errorf("%q: %s here, port %s for others", text, l, p)
		}
	})
}

func TestFamiliesTakeTurns(t *testing.T) {
	var in []netip.Addr
	for _, a := range []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3"} {
		in = append(in, netip.MustParseAddr(a))
	}
	var got []string
	for _, a := range alternate(in) {
		got = append(got, a.String())
	}
	if s := strings.Join(got, " "); s != "2001:db8::1 192.0.2.1 192.0.2.2 192.0.2.3" {
		t.Error(s)
	}
}
