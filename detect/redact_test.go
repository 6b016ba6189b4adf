package detect

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRedactShowsLittle(t *testing.T) {
	for _, c := range []struct{ secret, kind, want string }{
		{"", "", "****"},
		{"short", "", "****"},
		{"elevenchars", "", "****"},
		{"twelve-chars", "", "tw****s"},
		{"ABCDEFGHIJKLMNOPQRST", "", "ABC****ST"},
		{"abcdefghijklmnopqrstuvwxyz01", "", "abcd****z01"},
		{strings.Repeat("long", 100), "", "long****ong"},
		{"4539578763621486", SecretTypePaymentCard, "****1486"},
		{"\x00\x1b[31mred and quite long enough", "", "..[3****ugh"},
		{"ключключключключ", "", "..****.."},
	} {
		if got := Redact([]byte(c.secret), c.kind); got != c.want {
			t.Errorf("Redact(%q, %q) = %q, want %q", c.secret, c.kind, got, c.want)
		}
	}
}

func TestRedactNeverShowsMoreThanAQuarter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "secret")
		head, tail, _ := strings.Cut(Redact(secret, "X"), hidden)
		if len(head) > 4 || len(tail) > 3 || (len(head)+len(tail))*4 > len(secret) {
			t.Fatalf("%q of %d bytes", head+"|"+tail, len(secret))
		}
	})
}

// shown is the longest run of the secret that text shows, up to n.
func shown(text string, secret []byte, n int) bool {
	for i := 0; i+n <= len(secret); i++ {
		if strings.Contains(text, string(secret[i:i+n])) {
			return true
		}
	}
	return false
}

// No five characters of a secret in a row may be left, wherever in the text, in
// whatever company, however the excerpt is cut.
func TestRedactedTextShowsNoPartOfASecret(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	forms := []func(string) string{
		func(s string) string { return s },
		func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		escaped,
		func(s string) string { return `{"a":"` + s + `","b":"` + s + `"}` },
	}
	rapid.Check(t, func(t *rapid.T) {
		secret := "ghp_" + rapid.StringMatching(`[A-Za-z0-9]{36}`).Draw(t, "secret")
		other := "npm_" + rapid.StringMatching(`[A-Za-z0-9]{36}`).Draw(t, "other")
		form := forms[rapid.IntRange(0, len(forms)-1).Draw(t, "form")]
		gap := strings.Repeat(". ", rapid.IntRange(0, 60).Draw(t, "gap"))
		text := []byte("see " + gap + form(secret) + " , " + gap + other + gap)
		found, _ := scanner.FindAll(text)
		if len(found) < 2 {
			return // filler such as ghp_aaaa...
		}
		outputs := []string{scanner.RedactText(text, found), scanner.RedactText(text, nil)}
		for _, f := range found {
			outputs = append(outputs, scanner.Excerpt(text, f, found, rapid.IntRange(0, 100).Draw(t, "around")), scanner.Excerpt(text, f, nil, 40), f.Redacted)
		}
		for _, out := range outputs {
			for _, s := range []string{secret, other} {
				if shown(out, []byte(s)[4:], 5) || form(secret) != secret && shown(out, []byte(form(secret)), 30) {
					t.Fatalf("%q shows part of %q", out, s)
				}
			}
		}
	})
}

func TestExcerptIsTheTextAround(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{github:ghp}}")
	text := []byte("one two three " + secret + " four five six")
	found, _ := scanner.FindAll(text)
	if got, want := scanner.Excerpt(text, found[0], found, 6), "three "+found[0].Redacted+" four "; got != want {
		t.Errorf("excerpt %q, want %q", got, want)
	}
	if got, want := scanner.RedactText(text, found), "one two three "+found[0].Redacted+" four five six"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := scanner.Excerpt(nil, found[0], nil, 10); got != "" {
		t.Errorf("excerpt of nothing: %q", got)
	}
}

func TestRedactTextHidesEveryRepeat(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	f := Finding{Start: 4, End: 14, Secret: NewSecret([]byte("k9Xw2mQ7zr")), Redacted: "****"}
	if got := scanner.RedactText([]byte("pw: k9Xw2mQ7zr, again k9Xw2mQ7zr."), []Finding{f}); got != "pw: ****, again ****." {
		t.Errorf("got %q", got)
	}
}

func TestRedactTextKeepsWhatIsNoUTF8Printable(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	if got := scanner.RedactText([]byte("a\xffb"), nil); got != "a\uFFFDb" || bytes.ContainsRune([]byte(got), 0xff) {
		t.Errorf("got %q", got)
	}
}

// A secret that was found elsewhere, where more was known of it, is hidden in
// an excerpt of a place that says nothing of it.
func TestExcerptHidesWhatWasFoundElsewhere(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	far := Finding{Start: 1 << 20, End: 1<<20 + 10, Secret: NewSecret([]byte("k9Xw2mQ7zr")), Redacted: "****"}
	nowhere := far
	nowhere.Start, nowhere.End = -1, -1
	for _, f := range []Finding{far, nowhere} {
		if got := scanner.Excerpt([]byte("see k9Xw2mQ7zr there"), Finding{Start: 0, End: 3, Redacted: "S"}, []Finding{f}, 40); got != "S **** there" {
			t.Errorf("excerpt %q", got)
		}
	}
}
