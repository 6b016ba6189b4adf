package detect

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func fuzzSeeds(f *testing.F) {
	for _, s := range []string{
		"", "key: {{alnum:32}}", "{{github:ghp}}", `{"a":"\u0067hp_{{alnum:36}}\n"}`, "%41KIA{{base32:16}}", "{{pem:EC PRIVATE KEY}}",
		"postgres://a:k9Xw2mQ7zr@h/d", "{{jwt}}", "{{b64of:AKIAQWERTYUIOPASDFGH}}", // cordon:allow
		"password = 'x y'", "\\\\\\u00", "%%%41", "eyJeyJeyJ", "\x1f\x8b\x08\x00",
	} {
		f.Add([]byte(expand(f, s)))
	}
	f.Add(gzipped([]byte(expand(f, "{{github:ghp}}"))))
	f.Add([]byte(base64.StdEncoding.EncodeToString(zlibbed([]byte(expand(f, "{{github:ghp}}"))))))
}

// Whatever the input: no panic, spans inside it and in order, nothing found twice,
// streaming agrees, and the redacted form never holds the secret.
func FuzzScan(f *testing.F) {
	fuzzSeeds(f)
	scanner := NewScanner(compileBuiltin(f, Options{}))
	f.Fuzz(func(t *testing.T, text []byte) {
		kept := bytes.Clone(text)
		var last int64
		var found []Finding
		report := scanner.Scan(text, func(g Finding) bool {
			if g.Start < last || g.End > int64(len(text)) || g.Start >= g.End || g.Line < 1 || g.Column < 1 {
				t.Errorf("span [%d,%d) line %d column %d of %d bytes", g.Start, g.End, g.Line, g.Column, len(text))
			}
			last = g.Start
			if secret := g.Secret.Reveal(); len(secret) >= minShown && strings.Contains(g.Redacted, string(secret)) {
				t.Errorf("%s: redacted form %q is the secret", g.Rule.ID, g.Redacted)
			}
			found = append(found, g)
			return true
		})
		if report.Findings != len(found) || report.Bytes != int64(len(text)) || !bytes.Equal(text, kept) {
			t.Errorf("report %+v for %d findings in %d bytes", report, len(found), len(text))
		}
		n := 0
		if _, err := scanner.ScanReader(context.Background(), iotest.OneByteReader(bytes.NewReader(text)), func(Finding) bool { n++; return true }); err != nil || n != len(found) {
			t.Errorf("streaming: %v, %d findings instead of %d", err, n, len(found))
		}
		if out := scanner.RedactText(text, found); !utf8.ValidString(out) {
			t.Errorf("redacted text %q is no UTF-8", out)
		}
	})
}

// The decoders give back what an encoder made, and their spans stay inside.
func FuzzDecode(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if got := appendBase64(nil, []byte(base64.RawStdEncoding.EncodeToString(text))); !bytes.Equal(got, text) {
			t.Errorf("base64 of %q came back as %q", text, got)
		}
		if quoted, err := json.Marshal(string(text)); err == nil && utf8.Valid(text) {
			if got := escapes.decode(nil, quoted[1:len(quoted)-1], false); string(got) != string(text) {
				t.Errorf("JSON %s came back as %q", quoted, got)
			}
		}
		for _, m := range []*marked{&escapes, &percents, &entities, &quotedPrintable, &cdata} {
			out := m.decode(nil, text, false)
			for i := range out {
				a, b := m.origin(text, i, i+1)
				if a < 0 || a >= b || b > len(text) {
					t.Fatalf("%s: byte %d of %q comes from [%d,%d) of %q", m.name, i, out, a, b, text)
				}
				if got := m.decode(nil, text[a:b], false); !bytes.Contains(got, out[i:i+1]) {
					t.Fatalf("%s: byte %d of %q is %q, its origin gives %q", m.name, i, out, out[i], got)
				}
			}
		}
	})
}

func FuzzLoadRules(f *testing.F) {
	f.Add(goodRule)
	f.Add(shhhPatterns)
	f.Add("rules: [{id: a, assign: {names: x, value: y}}]")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ParseRules("f.yaml", []byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml:") {
				t.Errorf("error doesn't name the file: %v", err)
			}
			return
		}
		if _, err := Compile(rules, Options{}); err != nil {
			t.Errorf("loaded but not compiled: %v", err)
		}
		_, _ = ImportSHHH("f.yaml", []byte(text))
	})
}

// The gate may only save work: where it is shut, the regex doesn't match.
func FuzzGate(f *testing.F) {
	for _, s := range []string{`key = "0123456789abcdef0123"`, "key  :=\tx", "key','0123456789abcdef'", "key>abcdef0123456789", "key - abcdefgh12345678", "key: bearer abcdefgh12345678", "===888884=888", "============= "} {
		f.Add(s)
	}
	rule := Rule{ID: "g", Regex: assigned{Names: "key", Value: "[A-Za-z0-9_=]{12,40}"}.regex(), Severity: SeverityLow, Confidence: 1, Active: true}
	c, err := compileRule(&rule, &pack{})
	if err != nil || c.gate == nil {
		f.Fatal(err)
	}
	re := regexp.MustCompile(`\A(?:` + rule.Regex + `)`)
	f.Fuzz(func(t *testing.T, text string) {
		text = "key" + text
		if v := (sight{at: -1, least: c.gate.least}); re.MatchString(text) && !c.gate.open(&v, []byte(text), 0) {
			t.Errorf("shut for %q", text)
		}
	})
}
