package policy_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"a.example:443", "[2001:db8::1]:80", "::1", "*.a.example", "10.0.0.0/8:22", "a:1-2,3", "a:", "[a", "*", "::ffff:10.0.0.0/104"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := policy.ParseTarget(s)
		if err != nil {
			return
		}
		again, err := policy.ParseTarget(r.Target())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%q became %+v, and %q became %+v, %v", s, r, r.Target(), again, err)
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{"GET https://a.example/x?y", "a.example:443", "[::1]:5432", "postgres://u@db", "wss://a", "GET a", "https://a:99999/", "http://[fe80::1%25a]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := policy.ParseRequest(s)
		if err != nil {
			return
		}
		if normal, err := policy.NormalHost(r.Host); err != nil || normal != r.Host {
			t.Errorf("%q: host %q is not normal", s, r.Host)
		}
		if clean, ok := policy.CleanPath(r.Path); r.Path != "" && (!ok || clean != r.Path) {
			t.Errorf("%q: path %q is not clean", s, r.Path)
		}
	})
}

func FuzzNormalOrigin(f *testing.F) {
	for _, s := range []string{"https://A.example:443", "http://[::1]:8080", "null", "https://a.example/", "https://a@b", "https://a:", "https://a#", "file://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		origin, err := policy.NormalOrigin(s)
		if err != nil {
			return
		}
		if again, err := policy.NormalOrigin(origin); err != nil || again != origin {
			t.Errorf("%q became %q, and then %q, %v", s, origin, again, err)
		}
		if strings.ContainsAny(origin, "@?#*\\ ") || strings.Count(origin, "/") != 2 {
			t.Errorf("%q became %q", s, origin)
		}
	})
}

// Whatever is asked, the floors hold, an answer is complete, and it says the same
// the next time.
func FuzzDecide(f *testing.F) {
	f.Add("a.example", uint16(443), "10.0.0.1", "https", "GET", "/v1", "/usr/bin/curl", true, int64(1))
	f.Add("localhost", uint16(5432), "", "postgres", "", "", "", false, int64(0))
	f.Add("fd00:ec2::254", uint16(80), "fd00:ec2::254", "http", "PUT", "/a.pem", "", false, int64(2_000_000_000))
	p, err := policy.Parse([]byte(`
default_policy: allow
databases: {postgresql: {enabled: false, require_ssl: true}}
data_leak_prevention: {blocked_extensions: [.pem]}
denylist: {rules: [{host: '*.evil.example'}]}
allowlist:
  rules:
    - {host: '*', methods: [GET], paths: [/v1], programs: ['*curl*']}
    - {host: 0.0.0.0/0, expires: "2030-01-01"}
    - {host: ::/0, windows: {days: [mon-fri], from: "22:00", to: "06:00"}}
    - {host: localhost, protocols: [tcp]}
    - {host: 169.254.0.0/16}
`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, host string, port uint16, address, protocol, method, path, exe string, tls bool, at int64) {
		r := policy.Request{Host: host, Port: port, Protocol: policy.Protocol(protocol), Method: method, Path: path, TLS: tls, Time: time.Unix(at, 0), Program: policy.Program{Exe: exe}}
		r.Address, _ = netip.ParseAddr(address)
		d := p.Decide(r)
		if d != p.Decide(r) || d.Reason == "" || d.Detail == "" || d.Result != policy.Allow && d.Result != policy.Deny {
			t.Fatalf("%+v: %+v", r, d)
		}
		normal, err := policy.NormalHost(host)
		literal, _ := netip.ParseAddr(host)
		switch {
		case !d.Allowed():
		case r.Address.Unmap().IsLinkLocalUnicast() || literal.Unmap().IsLinkLocalUnicast():
			t.Errorf("%+v reaches link-local space", r)
		case host != "" && (err != nil || normal != host) && !strings.Contains(host, "xn--") && !longLabel(host):
			t.Errorf("%+v is not normal (%q, %v) and allowed", r, normal, err)
		case strings.HasSuffix(host, ".evil.example"):
			t.Errorf("%+v is on the denylist", r)
		}
	})
}

// longLabel: that, and A-labels, only NormalHost looks at; no resolver knows such a
// name.
func longLabel(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if len(label) > 63 {
			return true
		}
	}
	return false
}
