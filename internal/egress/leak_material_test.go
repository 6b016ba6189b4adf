package egress

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"text/template"
	"unicode/utf16"

	"go.cordon.dev/cordon/detect"
)

// material is what templates of leaks.jsonl are filled with: fakes that pass for
// real ones.
type material struct {
	GitHub, AWS, Stripe, Slack, Own string
	Card, BadCard, IBAN, SSN        string
	PKCS12, Kubeconfig              string
}

func newMaterial(t *testing.T) material {
	t.Helper()
	expand := func(text string) string {
		out, err := detect.ExpandExample(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	return material{
		GitHub: expand("{{github:ghp}}"), AWS: expand("AKIA{{base32:16}}"), Stripe: expand("sk_live_{{alnum:24}}"),
		Slack: expand("xoxb-{{digit:12}}-{{digit:12}}-{{alnum:24}}"), Own: expand("Qz7{{alnum:22}}"),
		Card: strings.Join([]string{"4539", "5787", "6362", "1486"}, ""), BadCard: strings.Join([]string{"4539", "5787", "6362", "1487"}, ""),
		IBAN: "DE89" + "370400440532013000", SSN: strings.Join([]string{"536", "90", "4399"}, "-"), // cordon:allow
		PKCS12:     "\x30\x82\x09\xd1\x02\x01\x03\x30\x82\x09\x97\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01 and so on",
		Kubeconfig: "apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: x\nusers:\n- name: me\n  user: {token: short}\n",
	}
}

// fill makes a request of its template.
func (m material) fill(t *testing.T, text string) string {
	t.Helper()
	parsed, err := template.New("").Funcs(fillers(t)).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func fillers(t *testing.T) template.FuncMap {
	return template.FuncMap{
		"b64":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"b64url":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"hex":     func(s string) string { return hex.EncodeToString([]byte(s)) },
		"percent": func(s string) string { return everyByte(s, "%%%02X") },
		"escapes": func(s string) string { return everyByte(s, `\u%04x`) },
		"utf16":   wide,
		"gzip":    func(s string) string { return zipped(t, s) },
		"brotli":  func(s string) string { return brotlied(t, s) },
		"zip":     func(name, s string) string { return archived(t, name, s) },
		"tar":     func(name, s string) string { return tarred(t, name, s) },
		"part": func(field, file, s string) string {
			if file == "" {
				return partOf(field, "", s)
			}
			return partOf(field, `; filename="`+file+`"`, s)
		},
		"partraw": func(field, rest, s string) string { return partOf(field, "; "+rest, s) },
		"first":   func(s string) string { return s[:len(s)/2] },
		"rest":    func(s string) string { return s[len(s)/2:] },
		"firstof": func(s string, n int) string { return s[:n] },
		"lastof":  func(s string, n int) string { return s[len(s)-n:] },
		"words":   words,
		"word":    word,
		"uuid": func(seed int) string {
			w := word(32, seed)
			return w[:8] + "-" + w[8:12] + "-4" + w[13:16] + "-a" + w[17:20] + "-" + w[20:]
		},
	}
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func wide(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func words(n int) string {
	const line = "the build queue waits for a reviewer before the next item of work is taken up\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}

// word is hexadecimal digits, the same for a seed.
func word(n, seed int) string {
	rng := rand.New(rand.NewPCG(uint64(seed), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[rng.IntN(16)]
	}
	return string(b)
}

func partOf(field, rest, content string) string {
	return "--BOUND\r\nContent-Disposition: form-data; name=\"" + field + "\"" + rest + "\r\n\r\n" + content + "\r\n--BOUND--\r\n"
}

func archived(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600})
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}
