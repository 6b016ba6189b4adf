package scan

import (
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/detect"
)

// What this repository holds is clean by its own rules. Fakes are put together
// at run time; the few that cannot be say cordon:allow, or stand with a reason
// in .cordonignore.
func TestThisRepositoryIsClean(t *testing.T) {
	root := filepath.Join("..", "..")
	tree := &Tree{Roots: []string{root}, IgnoreFiles: []string{".gitignore", ".cordonignore"}}
	out, sum := scanAll(t, Options{MinConfidence: detect.DefaultMinConfidence}, tree)
	for _, f := range out.found {
		t.Errorf("%s:%d: %s: %s", f.File, f.Line, f.Rule, f.Redacted)
	}
	if reasons := out.reasons(); reasons != "" || sum.Files < 1000 {
		t.Errorf("%d files; not scanned: %s", sum.Files, reasons)
	}
	if most := 20; tree.Ignored > most {
		t.Errorf("%d paths are left out, more than %d: an ignore file names too much", tree.Ignored, most)
	}
}
