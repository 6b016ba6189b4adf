package scan

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"go.cordon.dev/cordon/detect"
)

func TestColumnsAreCountedAsEditorsDo(t *testing.T) {
	secret := token(t, "columns")
	for name, tt := range map[string]struct {
		text string
		want Region
	}{
		"ASCII":               {"a\n  token=" + secret, Region{9, 2, 9 + len(secret)}},
		"two bytes":           {"ü token=" + secret + "\n", Region{9, 1, 9 + len(secret)}},
		"three bytes":         {"€€ token=" + secret, Region{10, 1, 10 + len(secret)}},
		"two units":           {"😀 token=" + secret, Region{10, 1, 10 + len(secret)}},
		"after another line":  {"😀😀😀\ntoken=" + secret, Region{7, 2, 7 + len(secret)}},
		"a secret over lines": {"x\n  " + pemKey(t), Region{3, 4, 29}},
	} {
		for size, pad := range map[string]string{"resident": "", "streamed": strings.Repeat("ü\n", residentSize)} {
			out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(pad + tt.text)})
			want := tt.want
			want.EndLine += strings.Count(pad, "\n")
			if len(out.found) != 1 || out.found[0].Region != want {
				t.Errorf("%s, %s: %+v, want %+v", name, size, out.found, want)
			}
		}
	}
}

// pemKey is a private key of three lines.
func pemKey(t testing.TB) string {
	t.Helper()
	text, err := detect.ExpandExample("{{pem:EC PRIVATE KEY}}")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(text, "\n")
	body, tail, _ := strings.Cut(strings.TrimSpace(rest), "-----END")
	return head + "\n" + strings.ReplaceAll(body, "\n", "") + "\n-----END" + tail
}

// Whatever the text and wherever the secrets, columns are those of a plain count,
// whether the text is in memory or comes in pieces.
func TestColumnsAgreeWithAPlainCount(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab\n€😀ü ")
	var text strings.Builder
	for text.Len() < 3*columnBuffer/2 {
		text.WriteRune(alphabet[rng.IntN(len(alphabet))])
	}
	for _, whole := range []string{text.String(), strings.ReplaceAll(text.String(), "\n", ""), text.String()[:1000]} {
		resident, streamed := &columns{buf: []byte(whole)}, &columns{}
		in, read := streamed.through(strings.NewReader(whole)), 0
		for at := 0; at < len(whole); at += 1 + rng.IntN(len(whole)/4+1) {
			end := min(len(whole), at+rng.IntN(100))
			n, _ := io.CopyN(io.Discard, in, int64(max(0, end-read)))
			read += int(n)
			f := detect.Finding{Start: int64(at), End: int64(end), Line: 1 + strings.Count(whole[:at], "\n")}
			want := plainRegion(whole, f)
			if got := resident.place(f); got != want {
				t.Fatalf("at %d: %+v, want %+v", at, got, want)
			}
			if got := streamed.place(f); got != want {
				t.Fatalf("streamed, at %d: %+v, want %+v", at, got, want)
			}
		}
	}
}

// plainRegion counts from the beginning of each line.
func plainRegion(text string, f detect.Finding) Region {
	column := func(at int64) int {
		line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
		return len(utf16.Encode([]rune(strings.ToValidUTF8(line, "")))) + partial(line) + 1
	}
	return Region{column(f.Start), f.Line + strings.Count(text[f.Start:f.End], "\n"), column(f.End)}
}

// partial counts the units of a character of which only the beginning is there.
func partial(line string) int {
	rest := line[len(strings.ToValidUTF8(line, "")):]
	switch {
	case rest == "":
		return 0
	case rest[0] >= 0xf0:
		return 2
	}
	return 1
}
