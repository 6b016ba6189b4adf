package dns

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

var builtin = sync.OnceValues(func() (*detect.Scanner, error) {
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return nil, err
	}
	return detect.NewScanner(set), nil
})

// inspector looks with the rules that everybody has.
func inspector(t testing.TB) func() *dlp.Inspector {
	t.Helper()
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner})
	if err != nil {
		t.Fatal(err)
	}
	return func() *dlp.Inspector { return i }
}

func TestSecretsInNames(t *testing.T) {
	key, err := detect.ExpandExample("AKIA{{base32:16}}")
	if err != nil {
		t.Fatal(err)
	}
	token, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	b32 := base32.StdEncoding.WithPadding(base32.NoPadding)
	for name, asked := range map[string]string{
		"as it is":                      key + ".wild.example",
		"in small letters":              strings.ToLower(key) + ".wild.example",
		"cut into labels":               key[:7] + "." + key[7:13] + "." + key[13:] + ".wild.example",
		"a token":                       token + ".wild.example",
		"a token cut into labels":       token[:20] + "." + token[20:] + ".x.wild.example",
		"in base32":                     b32.EncodeToString([]byte(key)) + ".wild.example",
		"in base32, small, with labels": lines(strings.ToLower(b32.EncodeToString([]byte(token))), 20) + ".wild.example",
		"in base32hex":                  base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(key)) + ".wild.example",
		"in hexadecimal":                hex.EncodeToString([]byte(key)) + ".wild.example",
		"in hexadecimal with labels":    lines(hex.EncodeToString([]byte(token)), 50) + ".wild.example",
		"in base64":                     base64.RawURLEncoding.EncodeToString([]byte("k="+key)) + ".wild.example",
		"to a host that is denied":      key + ".evil.example",
	} {
		for _, mode := range []string{"strict", "audit"} {
			w := open(t, strings.Replace(rules, "strict", mode, 1), func(o *Options) { o.Inspector = inspector(t) })
			got := w.ask(asked, dnsmessage.TypeA)
			decided, _ := w.records()
			if got.RCode != dnsmessage.RCodeRefused || !strings.Contains(got.text, "leak") || len(w.up.heard()) > 0 || len(decided) != 1 {
				t.Errorf("%s in %s: %v, %d heard, %d records", name, mode, got.RCode, len(w.up.heard()), len(decided))
				continue
			}
			r := decided[0]
			kept := strings.ToUpper(fmt.Sprintf("%+v %s", r, got.text))
			if r.Decision.Reason != policy.ReasonLeak || len(r.Findings) == 0 || strings.Contains(kept, strings.ToUpper(key)) || strings.Contains(kept, strings.ToUpper(token)) {
				t.Errorf("%s in %s: it is recorded as %s", name, mode, r.Decision.Reason)
			}
		}
	}
}

// Names that hold a part of a secret each: the one that completes it is refused.
func TestSecretsInSeveralNames(t *testing.T) {
	key, err := detect.ExpandExample("AKIA{{base32:16}}")
	if err != nil {
		t.Fatal(err)
	}
	token, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	coded := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(token))
	thirds := func(s string) []string { return []string{s[:len(s)/3], s[len(s)/3 : 2*len(s)/3], s[2*len(s)/3:]} }
	for name, parts := range map[string][]string{
		"halves":                   {key[:9], key[9:]},
		"halves, small":            {strings.ToLower(key[:9]), strings.ToLower(key[9:])},
		"thirds":                   thirds(token),
		"halves of labels":         {token[:10] + "." + token[10:20], token[20:30] + "." + token[30:]},
		"numbered":                 {"1." + token[:20], "2." + token[20:]},
		"below a label":            {token[:20] + ".s1", token[20:] + ".s1"},
		"in base32":                thirds(coded),
		"in base32, small":         thirds(strings.ToLower(coded)),
		"in base32, numbered":      {"00." + coded[:32], "01." + coded[32:]},
		"in hexadecimal":           thirds(hex.EncodeToString([]byte(token))),
		"in hexadecimal, numbered": {"a." + hex.EncodeToString([]byte(token[:17])), "b." + hex.EncodeToString([]byte(token[17:]))},
		"in base64":                thirds(base64.RawURLEncoding.EncodeToString([]byte("k=" + token))),
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, rules, func(o *Options) { o.Inspector = inspector(t) })
			for i, part := range parts {
				asked := part + ".wild.example"
				w.ask(asked, dnsmessage.TypeAAAA) // what is asked for again is the same piece
				got := w.ask(asked, dnsmessage.TypeA)
				last := i == len(parts)-1
				if leaks := got.RCode == dnsmessage.RCodeRefused && strings.Contains(got.text, "leak"); leaks != last {
					t.Errorf("part %d of %d: %v %s", i+1, len(parts), got.RCode, got.text)
				}
			}
			decided, _ := w.records()
			for _, r := range decided {
				if kept := fmt.Sprintf("%+v", r.Findings); strings.Contains(kept, token) || strings.Contains(kept, key) {
					t.Error("the record holds the secret")
				}
			}
		})
	}
}

// Halves below different domains meet nobody who could put them together.
func TestHalvesBelowSeveralDomains(t *testing.T) {
	token, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, "mode: strict\ndefault_policy: allow\n", func(o *Options) { o.Inspector = inspector(t) })
	for _, name := range []string{token[:20] + ".one.example", token[20:] + ".two.example"} {
		if got := w.ask(name, dnsmessage.TypeA); strings.Contains(got.text, "leak") {
			t.Errorf("%s", got.text)
		}
	}
}

// Names that look random and are no secrets.
func TestNamesWithoutSecrets(t *testing.T) {
	w := open(t, "mode: strict\ndefault_policy: allow\n", func(o *Options) { o.Inspector = inspector(t) })
	for _, name := range []string{
		"d2f5bhk0ahz1aq.cloudfront.net", "rr3---sn-4g5ednse.googlevideo.com", "o447951.ingest.us.sentry.io",
		"internal-prod-alb-1234567890.eu-west-1.elb.amazonaws.com", "orders.c9akciq32rng.eu-west-1.rds.amazonaws.com",
		"3f2504e0-4f89-41d3-9a0c-0305e82c3301.events.example.com", "k2gpvhyrl5xkqsqxdnqrqvz4bdwxzsbm._domainkey.example.com",
		"sha256-9f86d081884c7d659a2feaa0c55ad015.example.com", "2.0.0.2.zen.spamhaus.org", "pipelinesghubeus12.actions.githubusercontent.com",
		"productionresultssa12.blob.core.windows.net", "login.microsoftonline.com", "ec2-203-0-113-7.eu-central-1.compute.amazonaws.com",
	} {
		if got := w.ask(name, dnsmessage.TypeA); got.RCode != dnsmessage.RCodeNameError {
			t.Errorf("%s: %v %s", name, got.RCode, got.text)
		}
	}
}
