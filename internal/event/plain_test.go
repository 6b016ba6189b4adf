package event

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPlainJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"b"}`:                          `{"a":"b"}`,
		"{\n  \"a\": \"é€😀\"\n}":             "{\n  \"a\": \"é€😀\"\n}",
		"[\"\u009b31m\"]":                    `["\u009b31m"]`,
		"[\"\u202egnp.exe\u2069\"]":          `["\u202egnp.exe\u2069"]`,
		"[\"a\x7f\xff\uFFFD\"]":              `["a\u007f\ufffd` + "\uFFFD" + `"]`,
		"[\"\U000E0001\u2028\ufeff\"]":       `["\udb40\udc01\u2028\ufeff"]`,
		"[\"" + `\u001b` + "\", \"\u200b\"]": `["\u001b", "\u200b"]`,
	} {
		if got := string(PlainJSON([]byte(in))); got != want {
			t.Errorf("%q\n got  %s\n want %s", in, got, want)
		}
	}
}

// The value stays what it was, and nothing in it is obeyed.
func FuzzPlainJSON(f *testing.F) {
	f.Add("a\u009b\U000E0001\x7f")
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		plain := PlainJSON(doc)
		var was, is map[string]string
		if err := json.Unmarshal(doc, &was); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(plain, &is); err != nil || !reflect.DeepEqual(was, is) {
			t.Fatalf("%q becomes %q, %v", was, is, err)
		}
		bad := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }
		if !utf8.Valid(plain) || strings.ContainsFunc(string(plain), bad) {
			t.Fatalf("%q", plain)
		}
	})
}
