package detect

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// written is what a writer that compresses makes of b.
func written(b []byte, open func(*bytes.Buffer) interface {
	Write([]byte) (int, error)
	Close() error
}) string {
	var out bytes.Buffer
	w := open(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.String()
}

type packing = interface {
	Write([]byte) (int, error)
	Close() error
}

func zstded(b []byte) string {
	// Its tables are for what tests write: the usual ones are 8 MB, to be made for each text.
	small := []zstd.EOption{zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1 << 17), zstd.WithEncoderConcurrency(1)}
	return written(b, func(out *bytes.Buffer) packing { w, _ := zstd.NewWriter(out, small...); return w })
}

func brotlied(b []byte) string {
	return written(b, func(out *bytes.Buffer) packing { return brotli.NewWriter(out) })
}

func deflated(b []byte) string {
	return written(b, func(out *bytes.Buffer) packing { w, _ := flate.NewWriter(out, 6); return w })
}

func zipped(b []byte) string {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"readme.txt", "config/app.env"} {
		w, _ := z.Create(name)
		if name != "readme.txt" {
			_, _ = w.Write(b)
		}
	}
	_ = z.Close()
	return out.String()
}

func tarred(b []byte) string {
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	_ = t.WriteHeader(&tar.Header{Name: "app.env", Size: int64(len(b)), Mode: 0o600})
	_, _ = t.Write(b)
	_ = t.Close()
	return out.String()
}

func wideOf(s string, big bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

func quotedPrintableOf(s string) string {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return out.String()
}

// listOf writes each byte by itself.
func listOf(s, format, between string) string {
	var parts []string
	for _, c := range []byte(s) {
		parts = append(parts, fmt.Sprintf(format, c))
	}
	return strings.Join(parts, between)
}

func quotedJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// lines breaks s as MIME does.
func lines(s, indent, end string, width int) string {
	var b strings.Builder
	for ; len(s) > width; s = s[width:] {
		b.WriteString(indent + s[:width] + end)
	}
	return b.String() + indent + s + end
}

// Whatever a token is wrapped in, it is found, its place holds it, and the report
// is complete.
func TestATokenIsFoundInEveryForm(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{github:ghp}}")
	a, b, c := secret[:9], secret[9:20], secret[20:]
	filled := "The first line says nothing of it.\nThe second has " + secret + " in it.\n" + strings.Repeat("More lines follow here.\n", 8)
	b64 := base64.StdEncoding.EncodeToString
	for name, text := range map[string]string{
		"joined by plus":             `key = "` + a + `" + "` + b + `" + "` + c + `";`,
		"joined over lines":          "key = \"" + a + "\" +\n      \"" + b + "\" +\n      \"" + c + "\";",
		"joined by dot":              `$key = '` + a + `' . '` + b + `' . '` + c + `';`,
		"joined by nothing":          `key = ("` + a + `" "` + b + `"` + "\n       \"" + c + "\")",
		"joined by two dots":         `key = "` + a + `" .. "` + b + `" .. "` + c + `"`,
		"other marks":                `key = '` + a + `' + "` + b + `" + ` + "`" + c + "`",
		"backslash in a string":      "key = \"" + a + "\\\n" + b + c + "\"",
		"backslash in a shell":       "export KEY=" + a + "\\\n" + b + "\\\n" + c,
		"properties that go on":      "api.key\\: " + a + "\\\n    " + b + c,
		"list of lines":              `{"source": ["x = 1\n", "key = '` + a + `'\\\n", "'` + b + c + `'\n"]}`,
		"numbered fields":            `{"part1":"` + a + `","part2":"` + b + `","part3":"` + c + `"}`,
		"named fields":               `{"head": "` + a + b + `", "tail": "` + c + `"}`,
		"fields with letters":        "{\n  \"token_a\": \"" + a + b + "\",\n  \"token_b\": \"" + c + "\"\n}",
		"JSON in JSON in JSON":       quotedJSON(quotedJSON(quotedJSON("line\n" + secret + "\nend"))),
		"octal":                      `"` + listOf(secret, `\%03o`, "") + `"`,
		"braces":                     `"` + listOf(secret, `\u{%x}`, "") + `"`,
		"eight digits":               `"` + listOf(secret, `\U%08x`, "") + `"`,
		"decimal entities":           `<p>` + listOf(secret, `&#%d;`, "") + `</p>`,
		"hex entities":               `<p>` + listOf(secret, `&#x%X;`, "") + `</p>`,
		"entities around":            `<a t=&quot;x&quot;>&lt;key&gt;` + secret + `&lt;/key&gt;</a>`,
		"CDATA":                      `<key><![CDATA[` + secret + `]]></key>`,
		"quoted-printable":           quotedPrintableOf("Grüße! Der Schlüssel lautet token=" + strings.Repeat(" und", 6) + " key=" + secret + " usw."),
		"base32":                     base32.StdEncoding.EncodeToString([]byte(secret)),
		"hex pairs":                  strings.ToUpper(listOf(secret, "%02x", " ")),
		"hex list":                   "{" + listOf(secret, "0x%02x", ", ") + "}",
		"hex list over lines":        "{" + lines(listOf(secret, "0x%02x", ","), "\t", "\n", 60) + "}",
		"hex with a prefix":          "0x" + hex.EncodeToString([]byte(secret)),
		"UTF-16LE":                   wideOf(filled, false),
		"UTF-16LE with its mark":     "\xff\xfe" + wideOf(filled, false),
		"UTF-16BE":                   wideOf("naïve — "+filled, true),
		"UTF-16 at an odd place":     "a" + wideOf("key: "+secret, false),
		"PowerShell":                 "powershell -enc " + b64([]byte(wideOf("$k = '"+secret+"'", false))),
		"MIME lines":                 lines(b64([]byte(filled)), "", "\r\n", 76),
		"indented lines":             "data: |\n" + lines(b64([]byte(filled)), "  ", "\n", 64),
		"MIME lines in JSON":         quotedJSON(lines(b64([]byte(filled)), "", "\n", 64)),
		"base64 with escapes":        `{"k":"` + strings.ReplaceAll(b64([]byte("???"+secret+"???")), "/", `\/`) + `"}`,
		"base64 within a path":       "/v1/data/" + base64.RawURLEncoding.EncodeToString([]byte(filled)),
		"base64 of binary around it": b64([]byte("\x00\x01\xfe\xff\x90\x0a\x28" + secret + "\x80\x81\x82\x83\x84\x85")),
		"hex of binary around it":    hex.EncodeToString([]byte("\x00\x01\xfe\xff\x90\x0a\x28" + secret + "\x80\x81\x82\x83\x84\x85")),
		"percent of percent":         strings.ReplaceAll("%67"+secret[1:], "%", "%25"),
		"zstd":                       "head " + zstded([]byte(filled)) + " tail",
		"zstd in base64":             b64([]byte(zstded([]byte(filled)))),
		"brotli":                     brotlied([]byte(filled)),
		"brotli in base64":           `{"body":"` + b64([]byte(brotlied([]byte(filled)))) + `"}`,
		"deflate":                    deflated([]byte(filled)),
		"deflate in base64":          `SAMLRequest=` + b64([]byte(deflated([]byte(filled)))),
		"zip":                        zipped([]byte(filled)),
		"zip in base64":              b64([]byte(zipped([]byte(filled)))),
		"zip in a zip":               zipped([]byte(zipped([]byte(filled)))),
		"tar":                        tarred([]byte(filled)),
		"tar in gzip":                string(gzipped([]byte(tarred([]byte(filled))))),
		"gzip in hex":                hex.EncodeToString(gzipped([]byte(filled))),
		"notebook":                   `{"cells":[{"source":["import os\n","os.environ['KEY'] = \"` + secret + `\"\n"]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			found, report := scanner.FindAll([]byte(text))
			var tokens []Finding
			for _, f := range found {
				if f.Rule.ID == "github-pat" && string(f.Secret.Reveal()) == secret {
					tokens = append(tokens, f)
				}
			}
			if len(tokens) == 0 || !report.Complete() {
				t.Errorf("found %v in %q, %+v", found, text, report)
			}
		})
	}
}

// Two strings that nothing joins are one where a program has a value, and two
// fields in a line of a log.
func TestStringsThatNothingJoins(t *testing.T) {
	scanner, secret := acme(t)
	a, b, c := secret[:6], secret[6:11], secret[11:]
	for text, want := range map[string]int{
		`const char *key = "` + a + `" "` + b + c + `";`:                                        1,
		"key =\n    \"" + a + "\"\n    \"" + b + "\"\n    \"" + c + "\";":                       1,
		`login("` + a + `" '` + b + `' "` + c + `")`:                                            1,
		`return "` + a + b + `" "` + c + `"`:                                                    1,
		`{"key": "` + a + `" "` + b + c + `"}`:                                                  1,
		`keys = ["x", "` + a + `" "` + b + c + `"]`:                                             1,
		`10.2.0.17 "GET /` + a + ` HTTP/1.1" 200 51 "` + a + `" "` + b + c + `"`:                0,
		`[21/Nov/2026:10:42:07] "` + a + `" "` + b + `" "` + c + `"`:                            0,
		strings.Repeat(`10.2.0.17 "GET /x" 200 51 "https://a.example/x" "Mozilla/5.0"`+"\n", 9): 0,
	} {
		found, report := scanner.FindAll([]byte(text))
		if len(found) != want || !report.Complete() || want == 0 && report.Decoded != 0 {
			t.Errorf("found %d in %q, want %d; %d bytes decoded", len(found), text, want, report.Decoded)
		}
	}
}

// There is no bzip2 writer at hand, so this is one that was written before.
func TestBzip2IsRead(t *testing.T) {
	rule := Rule{ID: "acme", Regex: `acme_[0-9a-f]{12}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	const text = "QlpoOTFBWSZTWaRpekcAADRbgAAQQAR/4AAAumoMICAASM/9VIAGjEGgj1U0xMTCMI9PlUHSDBRNm0atm6LhykimmkpY7VVGCoPQ/FGCnBA7Q2LuSKcKEhSNL0jg"
	found, report := alone(t, rule).FindAll([]byte("data: " + text))
	if len(found) != 1 || strings.Join(found[0].Decoders, " ") != "base64 bzip2" || !report.Complete() {
		t.Errorf("found %v, %+v", found, report)
	}
}

// Text that merely looks odd is not taken for compressed data, which would then
// be reported as corrupt.
func TestOddTextIsNotTakenForCompressedData(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	for _, text := range []string{
		`Value: "\xed\xa0\x80\xed\xb0\x80\xff\xfe and more of it, as tests of encoders have \xc3\x28 them"`,
		"Gr\xfc\xdfe! Der Schl\xfcssel zum Gl\xfcck ist \xdcbung; das wei\xdf man l\xe4ngst, auch anderswo.",
		`{"a":"\u00ff\u00fe\ufffd key=\u0001\u0002"}`,
	} {
		if found, report := scanner.FindAll([]byte(text)); len(found) != 0 || !report.Complete() {
			t.Errorf("%q: found %v, %+v", text, found, report)
		}
	}
}
