package policy_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// manyRules is a policy with n rules of each of three shapes: names, suffixes, CIDRs.
func manyRules(tb testing.TB, n int) *policy.Policy {
	tb.Helper()
	var b strings.Builder
	b.WriteString("allowlist:\n  rules:\n")
	for i := range n {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "    - {host: h%d.example.com, ports: [443], protocols: [https]}\n", i)
		case 1:
			fmt.Fprintf(&b, "    - {host: '*.t%d.example.net', ports: [443]}\n", i)
		case 2:
			fmt.Fprintf(&b, "    - {host: %d.%d.%d.0/24}\n", 20+i>>16, i>>8&255, i&255)
		}
	}
	p, err := policy.Parse([]byte(b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func BenchmarkDecide(b *testing.B) {
	p := manyRules(b, 100_000)
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, bb := range []struct {
		name string
		r    policy.Request
		want policy.Result
	}{
		{"name", policy.Request{Time: at, Host: "h60000.example.com", Port: 443, Protocol: policy.TLS, Address: netip.MustParseAddr("8.8.8.8")}, policy.Allow},
		{"suffix", policy.Request{Time: at, Host: "a.b.t60001.example.net", Port: 443}, policy.Allow},
		{"address", policy.Request{Time: at, Host: "20.234.98.7", Port: 5000, Address: netip.MustParseAddr("20.234.98.7")}, policy.Allow},
		{"unknown", policy.Request{Time: at, Host: "www.unknown.example.org", Port: 443}, policy.Deny},
		{"127 labels", policy.Request{Time: at, Host: strings.Repeat("a.", 126) + "t1.example.net"[13:], Port: 443}, policy.Deny},
	} {
		b.Run(bb.name, func(b *testing.B) {
			if d := p.Decide(bb.r); d.Result != bb.want {
				b.Fatalf("%+v", d)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(bb.r)
			}
		})
	}
}
