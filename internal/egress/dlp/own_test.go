package dlp_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/own"
)

// knowing is an inspector that knows such an environment.
func knowing(t testing.TB, env ...string) *dlp.Inspector {
	t.Helper()
	k, err := own.Open(own.Options{Environ: env, AllEnv: true, Scanner: scanner()})
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner(), Own: k, Fingerprint: func(s []byte) string { return "fp" }})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestThisMachinesSecretsAreFoundWhateverTheyLookLike(t *testing.T) {
	secret := must(detect.ExpandExample("Qz7{{alnum:22}}"))(t)
	i := knowing(t, "APP_TOKEN="+secret)
	for name, body := range map[string]string{
		"plain":            "see " + secret + " there",
		"a part":           "the half " + secret[4:18] + " of it",
		"json":             `{"note":{"x":["` + secret + `"]}}`,
		"escaped":          `{"note":"\u0051` + secret[1:] + `"}`,
		"percent":          "a=1&b=" + url.QueryEscape("%"+secret) + strings.ReplaceAll(secret, "z", "%7a"),
		"base64":           `{"data":"` + base64.StdEncoding.EncodeToString([]byte("the value is "+secret+" and more")) + `"}`,
		"base64 url":       base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"hex":              "x " + hex.EncodeToString([]byte("value="+secret)),
		"base64 of a gzip": base64.StdEncoding.EncodeToString([]byte(gzipped(t, filler(300)+secret))),
		"gzip":             gzipped(t, filler(3000)+" "+secret),
		"in a form":        upload(t, filler(30)+secret),
		"far in":           filler(200_000) + secret,
		"small":            strings.ToLower(secret),
	} {
		t.Run(name, func(t *testing.T) {
			var dst sink
			var j judge
			err := send(i.Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1000)
			if len(j.told) != 1 || len(j.told[0].Findings) < 1 {
				t.Fatalf("%v, told %+v", err, j.told)
			}
			for _, f := range j.told[0].Findings {
				if f.Rule != dlp.OwnRule || f.Source != "the variable APP_TOKEN" || strings.Contains(f.Redacted, secret[4:12]) {
					t.Errorf("%+v", f)
				}
			}
			if text := j.told[0].String(); !strings.HasPrefix(text, "own-secret (the variable APP_TOKEN) in the body") {
				t.Errorf("%q", text)
			}
			if strings.Contains(dst.got(), secret[:12]) {
				t.Error("it was passed on")
			}
		})
	}
	if v := i.Head("GET", "http://a.example/?q="+secret, nil); len(v.Findings) != 1 || v.Findings[0].Where != "url" {
		t.Errorf("%+v", v)
	}
}

// Of a secret with a format the rule speaks, which a policy may have named.
func TestARuleGoesBeforeWhatIsKnown(t *testing.T) {
	secret := token(t)
	i := knowing(t, "GITHUB_TOKEN="+secret)
	if v := i.Text("body", []byte("x "+secret)); len(v.Findings) != 1 || v.Findings[0].Rule != "github-pat" {
		t.Errorf("%+v", v)
	}
	if v := i.Text("body", []byte("x "+secret[:24])); len(v.Findings) != 1 || v.Findings[0].Rule != dlp.OwnRule {
		t.Errorf("of a part: %+v", v)
	}
}
