package detect

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"
)

// wrappings are ways to write a word into a text, by name.
func wrappings() (names []string, all map[string]func(string) string) {
	all = forms()
	maps.Copy(all, map[string]func(string) string{
		"plain":      func(s string) string { return s },
		"joined":     func(s string) string { return `k = "` + s[:7] + `" + "` + s[7:12] + "\" +\n  '" + s[12:] + `'` },
		"going on":   func(s string) string { return "k=" + s[:7] + "\\\n" + s[7:12] + "\\\r\n    " + s[12:] + "\n" },
		"fields":     func(s string) string { return `{"key":"acme","value":"` + s + `"}` },
		"halves":     func(s string) string { return `{"part1":"` + s[:9] + `","part2":"` + s[9:] + `"}` },
		"hex pairs":  func(s string) string { return listOf(strings.Repeat(s+" ", 3), "%02x", " ") },
		"hex list":   func(s string) string { return "{" + listOf(s, "0x%02X", ", ") + "}" },
		"octal":      func(s string) string { return listOf(s, `\%03o`, "") },
		"big endian": func(s string) string { return wideOf("the word: "+s+" and so on", true) },
		"zip":        func(s string) string { return zipped([]byte(strings.Repeat(s+" ", 9))) },
		"brotli": func(s string) string {
			return base64.StdEncoding.EncodeToString([]byte(brotlied([]byte("the words " + s + ", and what follows them: " + listOf(s, "%03d", ", ")))))
		},
		"CDATA":         func(s string) string { return `<k><![CDATA[` + s + `]]></k>` },
		"list of lines": func(s string) string { return `["x\n", "` + s[:8] + `\n", "` + s[8:] + `"]` },
	})
	maps.Copy(all, spellings())
	return slices.Sorted(maps.Keys(all)), all
}

// acme is a rule of one word, and that word.
func acme(t testing.TB) (*Scanner, string) {
	rule := Rule{ID: "acme", Regex: `acme_[0-9a-f]{14}`, Severity: SeverityHigh, Confidence: 0.9, Active: true}
	set, err := Compile([]Rule{rule}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return NewScanner(set), expand(t, "acme_{{hex:14}}")
}

func blanked(text []byte, found []Finding) []byte {
	out := bytes.Clone(text)
	for _, f := range found {
		for i := f.Start; i < f.End; i++ {
			out[i] = ' '
		}
	}
	return out
}

// The place of a finding is what has to go for the secret to be gone: whoever
// blanks it finds the secret no more.
func TestTheSecretGoesWithItsPlace(t *testing.T) {
	scanner, secret := acme(t)
	names, all := wrappings()
	for _, name := range names {
		const before, after = "first line\n x ", " y\nlast line"
		form := all[name](secret)
		text := []byte(before + form + after)
		found, report := scanner.FindAll(text)
		if name == "list of lines" { // an escaped line end lies between, so the word is none
			if len(found) != 0 {
				t.Errorf("%s: found %v", name, found)
			}
			continue
		}
		if len(found) == 0 || !report.Complete() {
			t.Errorf("%s: found %v, %+v", name, found, report)
			continue
		}
		for _, f := range found {
			if f.Start < int64(len(before)) || f.End > int64(len(before)+len(form)) {
				t.Errorf("%s: stands at [%d,%d) of %q", name, f.Start, f.End, text)
			}
		}
		if again, _ := scanner.FindAll(blanked(text, found)); len(again) != 0 {
			t.Errorf("%s: still found at [%d,%d) of %q", name, again[0].Start, again[0].End, text)
		}
	}
}

// The same, whatever stands around it.
func FuzzPositions(f *testing.F) {
	scanner, secret := acme(f)
	names, all := wrappings()
	for i := range names {
		f.Add([]byte(`{"a":"`), []byte(`"}`), uint8(i), uint8(len(names)-i))
	}
	f.Fuzz(func(t *testing.T, before, after []byte, outer, inner uint8) {
		form := all[names[int(outer)%len(names)]]
		if inner := names[int(inner)%len(names)]; outer%3 == 0 { // one in another
			form = func(s string) string { return all[names[int(outer)%len(names)]](all[inner](s)) }
		}
		text := slices.Concat(before, []byte(form(secret)), after)
		found, _ := scanner.FindAll(text)
		for _, g := range found {
			if g.Start < 0 || g.Start >= g.End || g.End > int64(len(text)) {
				t.Fatalf("span [%d,%d) of %d bytes", g.Start, g.End, len(text))
			}
		}
		again, _ := scanner.FindAll(blanked(text, found))
		for _, g := range again {
			if slices.ContainsFunc(found, func(h Finding) bool { return h.Start <= g.Start && g.End <= h.End }) {
				t.Errorf("%v still found at [%d,%d) of %q", g.Decoders, g.Start, g.End, text)
			}
		}
	})
}

func TestACleanMessageCostsTheDecodersNoMemory(t *testing.T) {
	s := newSession(compileBuiltin(t, Options{}))
	text := []byte(strings.Repeat(`{"level":"info","from":"agent-7","id":"6f1c2ab0-77aa-4e0e-9d6c-0f6a2d1b9c3e","note":"all is 100% well"}`+"\n", 10))
	var report Report
	s.view, s.report, s.budget = view{text: text, hi: len(text)}, &report, 1<<20
	root := &layer{text: text}
	if n := testing.AllocsPerRun(10, func() { s.peel(root, 0, len(text)) }); n != 0 || report.Decoded != 0 {
		t.Errorf("%v allocations, %d bytes decoded", n, report.Decoded)
	}
}

func TestADigitIsSeenAmongAllOtherBytes(t *testing.T) {
	for at := range 19 {
		for c := range 256 {
			text := []byte("abc/:\x80\xb5\xffDEF;<=>?@[]")
			text[at] = byte(c)
			if got, want := holdsDigit(text), c >= '0' && c <= '9'; got != want {
				t.Fatalf("%q: %v, want %v", text, got, want)
			}
		}
	}
}
