package policy_test

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestNormalHost(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"api.example.com", "api.example.com"},
		{"API.Example.COM", "api.example.com"},
		{"api.example.com.", "api.example.com"},
		{"bücher.example", "xn--bcher-kva.example"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"ｅｘａｍｐｌｅ。ｃｏｍ", "example.com"}, // full width, ideographic full stop
		{"_dmarc.example.com", "_dmarc.example.com"},
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.1.", "127.0.0.1"},
		{"127.1", "127.0.0.1"},
		{"127.0.1", "127.0.0.1"},
		{"2130706433", "127.0.0.1"},
		{"0x7f000001", "127.0.0.1"},
		{"0X7F.0.0.1", "127.0.0.1"},
		{"0177.0.0.01", "127.0.0.1"},
		{"017700000001", "127.0.0.1"},
		{"0xa9fea9fe", "169.254.169.254"},
		{"１２７.0.0.1", "127.0.0.1"},
		{"0", "0.0.0.0"},
		{"::1", "::1"},
		{"[::1]", "::1"},
		{"[0:0:0:0:0:0:0:1]", "::1"},
		{"::ffff:169.254.169.254", "169.254.169.254"},
		{"[::FFFF:7f00:1]", "127.0.0.1"},
		{"2001:DB8::A", "2001:db8::a"},
	} {
		if got, err := policy.NormalHost(tt.in); err != nil || got != tt.want {
			t.Errorf("%q: %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestHostsThatAreNone(t *testing.T) {
	for _, in := range []string{
		"", ".", "..", "a..b", ".example.com", "example.com..", "a b", "a\x00.example.com", "a\nb", "a/b", `a\b`, "a@b", "a#b", "a?b",
		"%6c%6f%63alhost", "fe80::1%eth0", "[fe80::1%25eth0]", "[::1", "::1]", "[]", "[127.0.0.1]", "[example.com]",
		"1.2.3.4.5", "256.0.0.1", "1.2.3.256", "08.0.0.1", "4294967296", "0x100000000", "1.2.3.4x.5", "example.com.1", "example.0x7f",
		":80", "a:80", "example.com:443", "1:2:3", "xn--", "xn--a", "xn--example-.com", "xn--BCHER-KVA\u00fc",
		strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 127) + "com", strings.Repeat("a", 5000), "\xff\xfe", "*.example.com", "*",
	} {
		if got, err := policy.NormalHost(in); err == nil {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestCleanPath(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"/", "/"}, {"/v1/x", "/v1/x"}, {"/v1/", "/v1/"}, {"/./v1/./x/.", "/v1/x/"}, {"/%2e/a", "/a"}, {"/%41%7e", "/A~"},
		{"/a%20b", "/a%20b"}, {"/%c3%bc", "/%C3%BC"}, {"/ü", "/%C3%BC"}, {"/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="}, {"/...", "/..."},
	} {
		if got, ok := policy.CleanPath(tt.in); !ok || got != tt.want {
			t.Errorf("%q: %q, %v, want %q", tt.in, got, ok, tt.want)
		}
	}
	for _, in := range []string{
		"", "*", "v1", "//", "//v1", "/v1//x", "/..", "/v1/../admin", "/v1/%2e%2e/admin", "/v1/.%2E/admin", "/v1%2fadmin", "/v1%2Fadmin", "/v1%5cadmin",
		`/v1\admin`, "/v1;x=1/admin", "/v1%3bx", "/%252e%252e/a", "/%", "/%2", "/%zz", "/a%00b", "/a\x00b", "/a b", "/a\rb", "/a?b", "/a#b",
		"/" + strings.Repeat("a", 20_000),
	} {
		if got, ok := policy.CleanPath(in); ok {
			t.Errorf("%q is ambiguous, but became %q", in, got)
		}
	}
}

func FuzzNormalHost(f *testing.F) {
	for _, s := range []string{"API.example.com.", "0x7f.1", "[::1]", "fe80::1%eth0", "bücher.example", "xn--bcher-kva", "%31", "１２７.1", "a\x00"} {
		f.Add(s)
	}
	p, err := policy.Parse([]byte("default_policy: allow\nallowlist: {rules: [{host: 0.0.0.0/0}, {host: '::/0'}]}"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, err := policy.NormalHost(s)
		if err != nil {
			if strings.Contains(err.Error(), s) && len(s) > 12 {
				t.Errorf("the error quotes the host")
			}
			return
		}
		if again, err := policy.NormalHost(host); err != nil || again != host {
			t.Errorf("%q became %q, and then %q, %v", s, host, again, err)
		}
		if d := p.Decide(policy.Request{Host: host, Port: 443}); d.Reason == policy.ReasonBadHost && !strings.HasSuffix(host, "localhost") {
			t.Errorf("%q is normal for NormalHost and not for Decide", host)
		}
	})
}

func FuzzCleanPath(f *testing.F) {
	for _, s := range []string{"/v1/x", "/%2e%2e/", "/a%2fb", "/a;b", "//", "/%C3%BC", "/./."} {
		f.Add(s)
	}
	p, err := policy.Parse([]byte("allowlist: {rules: [{host: a.example, paths: [/]}]}"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, ok := policy.CleanPath(s)
		if again, stable := policy.CleanPath(clean); ok && (!stable || again != clean) {
			t.Errorf("%q became %q, and then %q", s, clean, again)
		}
		d := p.Decide(policy.Request{Host: "a.example", Protocol: policy.HTTP, Method: "GET", Path: clean})
		if d.Allowed() != ok {
			t.Errorf("%q (%q): %v, ambiguous %v", s, clean, d.Reason, !ok)
		}
		raw := p.Decide(policy.Request{Host: "a.example", Protocol: policy.HTTP, Method: "GET", Path: s})
		if raw.Allowed() && (!ok || s != clean) {
			t.Errorf("Decide took %q, which is not clean", s)
		}
	})
}
