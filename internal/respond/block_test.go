package respond_test

import (
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/respond"
)

func TestWhatIsANetwork(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.9":         "203.0.113.9",
		"203.0.113.9/32":      "203.0.113.9",
		"203.0.113.0/24":      "203.0.113.0/24",
		"2001:DB8:0:0::9":     "2001:db8::9",
		"2001:db8:1::/48":     "2001:db8:1::/48",
		"::ffff:203.0.113.9":  "203.0.113.9",
		"203.0.113.9/24":      "!did you mean 203.0.113.0/24 or 203.0.113.9?",
		"fe80::1%eth0":        "!has a zone",
		"::ffff:1.2.3.4/120":  "!is no address or network",
		"203.0.113.9 ":        "!is no address or network",
		"203.0.113.009":       "!is no address or network",
		"host.example":        "!is no address or network",
		"":                    "!is no address or network",
		"1.1.1.1;nft flush":   "!is no address or network",
		"203.0.113.0/24/24":   "!is no address or network",
		"203.0.113.1-.9":      "!is no address or network",
		"0.0.0.0/0 # nothing": "!is no address or network",
	} {
		got, err := respond.ParseNetwork(text)
		if why, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%q: %v, want %q", text, err, why)
			}
			continue
		}
		if err != nil || respond.Name(got) != want {
			t.Errorf("%q is %s, %v; want %s", text, respond.Name(got), err, want)
		}
	}
}

// What is read has no bits behind its length, is no IPv4 in IPv6's clothes, and is
// read again as the same.
func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"203.0.113.9", "2001:db8::/32", "::ffff:1.2.3.4", "fe80::1%0", "1.2.3.4/33"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := respond.ParseNetwork(s)
		if err != nil {
			if len(err.Error()) > 400 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		again, err := respond.ParseNetwork(respond.Name(p))
		if err != nil || again != p || p != p.Masked() || p.Addr().Is4In6() || p.Addr().Zone() != "" {
			t.Errorf("%q is %v, again %v %v", s, p, again, err)
		}
	})
}

func networks(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		p, err := respond.ParseNetwork(s)
		if err != nil {
			panic(err)
		}
		out = append(out, p)
	}
	return out
}

func TestTheListAsText(t *testing.T) {
	all := networks("198.51.100.0/24", "203.0.113.9", "2001:db8:bad::/48")
	if got := respond.Plain(all); got != "198.51.100.0/24\n203.0.113.9\n2001:db8:bad::/48\n" {
		t.Errorf("%q", got)
	}
	want := `# Cordon's block list. A rule that uses it: ip saddr @blocked4 drop
add table inet cordon
add set inet cordon blocked4 { type ipv4_addr; flags interval; }
flush set inet cordon blocked4
add element inet cordon blocked4 { 198.51.100.0/24, 203.0.113.9 }
add set inet cordon blocked6 { type ipv6_addr; flags interval; }
flush set inet cordon blocked6
add element inet cordon blocked6 { 2001:db8:bad::/48 }
`
	if got := respond.NFT(all); got != want {
		t.Errorf("got\n%s", got)
	}
}

// An empty list empties the sets: what is over is let in again.
func TestAnEmptyListEmptiesTheSets(t *testing.T) {
	got := respond.NFT(nil)
	if strings.Contains(got, "add element") || strings.Count(got, "flush set") != 2 {
		t.Errorf("got\n%s", got)
	}
}
