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
