package scan

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
)

// A hole is read to its end, in the memory of one that is a thousand times
// smaller. One of 10 GB goes the same way.
func TestAHoleIsScannedToItsEnd(t *testing.T) {
	const size = 128 << 20
	name := filepath.Join(t.TempDir(), "sparse")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	leak := "token=" + token(t, "hole")
	if _, err := f.WriteAt([]byte(leak), size); err != nil {
		t.Fatal(err)
	}
	scanner(t) // is made once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, sum := scanAll(t, Options{Workers: 1}, &Tree{Roots: []string{name}})
	runtime.ReadMemStats(&after)
	if len(out.found) != 1 || out.found[0].Offset != size+6 || sum.Bytes != size+int64(len(leak)) {
		t.Errorf("found at %q, summary %+v", out.places(), sum)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 24<<20 {
		t.Errorf("%d bytes of a hole took %d bytes of memory", size, grown)
	}
}

func TestFoldersMayBeDeep(t *testing.T) {
	deep := strings.Repeat("d/", 900)
	dir := plant(t, map[string]string{deep + "a.txt": "token=" + token(t, "deep folders")})
	out, _ := scanAll(t, Options{}, &Tree{Roots: []string{dir}})
	same(t, "files", rels(out, dir), []string{deep + "a.txt"})
}

func TestBombsInDocumentsAreBounded(t *testing.T) {
	zeros := string(make([]byte, 8<<20))
	for name, data := range map[string]string{
		"a paragraph":         zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/document.xml", "<w:p>" + zeros}),
		"a part of no text":   zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/document.xml", zeros}),
		"a page":              pdfOf("", "", streamOf("/Type /EmbeddedFile /Filter /FlateDecode", zlibText(t, zeros))),
		"runs of runs":        pdfOf("", "", streamOf("/Filter [/FlateDecode /RL /RL] /Type /X", zlibText(t, strings.Repeat("\x81\x81", 1<<20)))),
		"a PDF of a zip":      pdfOf("", "", streamOf("/Type /EmbeddedFile", zipOf(t, member{"zeros", zeros}))),
		"a stream of objects": pdfOf("", "", streamOf("/Type /ObjStm /First 9 /Filter /FlateDecode", zlibText(t, zeros))),
	} {
		out, sum := scanAll(t, Options{MaxUnpacked: 5 << 20}, Stream{"bomb", strings.NewReader(data)})
		if !strings.Contains(out.reasons(), errBudget.Error()) {
			t.Errorf("%s: summary %+v; not scanned: %q", name, sum, out.reasons())
		}
	}
}

// A rule that somebody else wrote may be wrong, or made to hurt: the file is
// refused with its name, the line and the reason.
func TestABadRuleFileIsRefused(t *testing.T) {
	rule := func(regex string) string {
		return "rules:\n  - id: r\n    severity: high\n    confidence: 0.9\n    regex: '" + regex + "'\n"
	}
	for name, tt := range map[string]struct{ text, why string }{
		"a regex that explodes":   {rule("k(?:(?:[a-z]{90}){90}){90}"), "rules.yaml:5: "},
		"a regex that is long":    {rule("k" + strings.Repeat("[a-z]{900}", 30)), "rules.yaml:5: "},
		"a regex that is none":    {rule("k(["), "rules.yaml:5: "},
		"a regex with look-ahead": {rule("k(?=x)"), "rules.yaml:5: "},
		"no YAML":                 {"rules: [\x00\xff", "rules.yaml:"},
		"too much of it":          {rule("k") + strings.Repeat("# much\n", 200_000), "more than 1048576 bytes"},
	} {
		path := filepath.Join(plant(t, map[string]string{"rules.yaml": tt.text}), "rules.yaml")
		if err := (&Rules{Policy: &Policy{}}).AddFile(path); err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: %v, want %q", name, err, tt.why)
		}
	}
}

// What would take a backtracking engine years takes as long as the text is.
func TestARuleThatBacktracksElsewhereIsLinear(t *testing.T) {
	rule := detect.Rule{ID: "r", Regex: `key:(?:a+)+(?:a|aa)+b`, Severity: detect.SeverityHigh, Confidence: 0.9, Active: true}
	set, err := detect.Compile([]detect.Rule{rule}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := &recorder{}
	text := "key:" + strings.Repeat("a", 1<<20) + " key:aaaab"
	if _, err := Run(t.Context(), Options{Scanner: detect.NewScanner(set)}, Stream{"x", strings.NewReader(text)}, out); err != nil {
		t.Fatal(err)
	}
	if len(out.found) != 1 {
		t.Errorf("found at %q", out.places())
	}
}
