package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
)

// engine redacts with the builtin rules.
func engine(t testing.TB) func(string) string {
	t.Helper()
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	rs, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := detect.NewScanner(rs)
	return func(text string) string {
		found, _ := s.FindAll([]byte(text))
		return s.RedactText([]byte(text), found)
	}
}

// Every text of a decision may hold a secret: somebody's command line does, and
// so do URLs and the names that a tunnel through DNS asks for.
func TestNoSecretReachesAnyFile(t *testing.T) {
	secret, err := detect.ExpandExample("ghp_{{alnum:36}}")
	if err != nil {
		t.Fatal(err)
	}
	password := strings.Repeat("hunter", 1) + "2secret"
	o := options(t, t.TempDir())
	o.Redact, o.RotateBytes = engine(t), 1<<10
	l := opened(t, o)
	for _, e := range planted(secret, password) {
		if _, err := l.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, l)
	files, err := filepath.Glob(filepath.Join(o.Dir, "*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{secret, secret[4:24], password} {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower([]byte(word))) {
				t.Errorf("%s holds a secret", filepath.Base(path))
			}
		}
	}
}

// planted is an entry per text field that holds the secret, and the URLs in
// which it may hide.
func planted(secret, password string) []Entry {
	var all []Entry
	fields := reflect.TypeFor[Entry]()
	for i := range fields.NumField() {
		if fields.Field(i).Type.Kind() != reflect.String || fields.Field(i).Name == "Kind" {
			continue
		}
		e := denial(i)
		reflect.ValueOf(&e).Elem().Field(i).SetString("x " + secret + " y")
		all = append(all, e)
	}
	var hex strings.Builder
	for i := range len(secret) {
		hex.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[secret[i]>>4])) + string("0123456789abcdef"[secret[i]&15]))
	}
	for _, url := range []string{
		"https://h.example/?q=" + secret, "https://h.example/?q=" + hex.String(), "https://h.example/" + hex.String(), "https://h.example/a/" + secret + "/b",
		"https://ada:" + password + "@h.example/", "https://h.example/?password=" + password, "https://h.example/?x=1&API_KEY=" + password,
		"https://h.example/#" + secret, "https://h.example/?" + secret, "https://h.example/?" + secret + "=1", "https://h.example/?q=%zz" + secret,
		"h.example:443", "://" + secret, "https://h.example/?a=" + strings.Repeat("b", 5000) + secret,
	} {
		e := denial(0)
		e.URL = url
		all = append(all, e)
	}
	e := denial(0)
	e.Findings = []Finding{{Rule: "x " + secret, Redacted: secret}}
	return append(all, e)
}

func TestWhatIsKeptOfAURL(t *testing.T) {
	c := newCleaner(asIs, time.Now)
	for raw, want := range map[string]string{
		"":                                 "",
		"https://api.example.com/v1/a%20b": "https://api.example.com/v1/a b",
		"https://api.example.com/?page=2&q=two+words":                             "https://api.example.com/?page=2&q=two words",
		"https://u:p@api.example.com/?token=abc#frag":                             "https://api.example.com/?token=[3 bytes]",
		"https://api.example.com/?flag":                                           "https://api.example.com/?flag",
		"https://a/?" + strings.Repeat("x", 100) + "=" + strings.Repeat("y", 100): "https://a/?" + strings.Repeat("x", 100) + "=[100 bytes]",
		"http://a b/": "(left out: not a URL)",
	} {
		if got := c.url(raw); got != want {
			t.Errorf("%q is kept as %q, want %q", raw, got, want)
		}
	}
}

// A text is asked about again once the rules may have changed, and one with a
// secret every time.
func TestWhatIsKnownToBeCleanIsForgottenAfterAMinute(t *testing.T) {
	asked, now := 0, time.Now()
	c := newCleaner(func(s string) string { asked++; return strings.ReplaceAll(s, "hunter2", "****") }, func() time.Time { return now })
	for range 3 {
		c.text("nothing to see here", 100)
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	now = now.Add(memoryAge)
	c.text("nothing to see here", 100)
	if asked != 2 {
		t.Errorf("asked %d times a minute later", asked)
	}
	for range 2 {
		if got := c.text("my hunter2 is here", 100); got != "my **** is here" {
			t.Errorf("got %q", got)
		}
	}
	if asked != 4 {
		t.Errorf("asked %d times about a secret", asked)
	}
	for i := range 2 * maxMemory {
		c.text(strings.Repeat("x", 20)+string(rune('a'+i%26))+strings.Repeat("y", i%50)+time.Duration(i).String(), 200)
	}
	if n := len(c.known.texts); n > maxMemory {
		t.Errorf("%d texts are known", n)
	}
}

func TestTextsAreCutBetweenCharactersAndKeepNoControls(t *testing.T) {
	c := newCleaner(asIs, time.Now)
	got := c.text(strings.Repeat("ä", 1000)+"\n\x1b[31m", 100)
	if len(got) > 100 || !strings.HasSuffix(got, "ä…") {
		t.Errorf("got %q", got)
	}
	if got := c.text("a\r\nb\x00c\u202e", 100); strings.ContainsAny(got, "\r\n\x00\u202e") {
		t.Errorf("got %q", got)
	}
	if got := c.text(strings.Repeat("x", 1<<20), 100); got != "(left out: 1048576 bytes)" {
		t.Errorf("got %q", got)
	}
}

// FuzzURL holds what is kept to its bounds: one line, short, without a user.
func FuzzURL(f *testing.F) {
	f.Add("https://u:p@h.example/a?b=c&d#e")
	f.Add("?%zz")
	f.Fuzz(func(t *testing.T, raw string) {
		got := newCleaner(asIs, time.Now).url(raw)
		if len(got) > maxURL || strings.ContainsAny(got, "\n\r\x00") {
			t.Errorf("%q is kept as %q", raw, got)
		}
	})
}
