//go:build servers

package dlp_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/testdebian"
)

// printing is a folder in which programs make a PDF of a text.
type printing struct {
	t   *testing.T
	dir string
}

func (p printing) run(name string, args ...string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "HOME="+p.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func (p printing) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p printing) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func (p printing) chromium(text string) string {
	p.write("in.html", "<!doctype html><title>notes</title><h1>Notes</h1><p style='font-family:serif'>"+text+"</p><p style='font-family:sans-serif'><b>the end</b></p>")
	p.run(testdebian.Program(p.t, "chromium-headless-shell", "chromium-headless-shell"), "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir="+p.dir,
		"--print-to-pdf="+filepath.Join(p.dir, "out.pdf"), "file://"+filepath.Join(p.dir, "in.html"))
	return p.read("out.pdf")
}

// postscript is a page of text.
func postscript(text string) string {
	return "%!PS\n/Times-Roman findfont 9 scalefont setfont 72 700 moveto (Notes) show 72 680 moveto (" + text + ") show showpage\n"
}

func (p printing) ghostscript(text string, args ...string) string {
	p.write("in.ps", postscript(text))
	gs := testdebian.Program(p.t, "ghostscript", "gs")
	root := filepath.Dir(gs) // unpacked, it finds its files where it is told
	if found, err := filepath.Glob(root + "/usr/share/ghostscript/*/Resource"); err == nil && len(found) > 0 {
		args = append(args, "-I"+found[0]+"/Init", "-I"+filepath.Dir(found[0])+"/lib", "-sGenericResourceDir="+found[0]+"/", "-sFONTPATH="+root+"/usr/share/fonts/type1/urw-base35")
	}
	p.run(gs, append(args, "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOutputFile=out.pdf", "in.ps")...)
	return p.read("out.pdf")
}

func (p printing) qpdf(file string, args ...string) string {
	p.write("before.pdf", file)
	p.run(testdebian.Program(p.t, "qpdf", "qpdf"), append(args, "before.pdf", "out.pdf")...)
	return p.read("out.pdf")
}

// A secret on a page is found, whichever program has made it, and however the file is sent.
func TestPDFsOfRealPrograms(t *testing.T) {
	secret := token(t)
	text := "the token is " + secret + " and nothing else"
	for name, make := range map[string]func(printing) string{
		"Chromium":                     func(p printing) string { return p.chromium(text) },
		"Ghostscript":                  func(p printing) string { return p.ghostscript(text) },
		"Ghostscript, ASCII":           func(p printing) string { return p.ghostscript(text, "-dASCII85EncodePages=true") },
		"qpdf, streams of objects":     func(p printing) string { return p.qpdf(p.ghostscript(text), "--object-streams=generate") },
		"qpdf, in the order of a page": func(p printing) string { return p.qpdf(p.chromium(text), "--linearize", "--compress-streams=y") },
		"qpdf, nothing compressed":     func(p printing) string { return p.qpdf(p.chromium(text), "--qdf", "--object-streams=disable") },
	} {
		t.Run(name, func(t *testing.T) {
			file := make(printing{t, t.TempDir()})
			for way, body := range map[string]string{
				"by itself": file,
				"in JSON":   fmt.Sprintf(`{"type":"document","source":{"type":"base64","data":%q}}`, base64.StdEncoding.EncodeToString([]byte(file))),
				"in a form": upload(t, file),
				"in gzip":   gzipped(t, file),
			} {
				var dst sink
				var j judge
				_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 5000)
				if rules := j.rules(); len(rules) == 0 || rules[0] != "github-pat" || j.told[0].Unseen != "" {
					t.Errorf("%s, %d bytes: told %v", way, len(body), j.told)
				}
			}
		})
	}
}

// The same pages without a secret are clean, and encrypted ones were not seen.
func TestPDFsOfRealProgramsWithout(t *testing.T) {
	const text = "the words are here and nothing else is"
	for name, make := range map[string]func(printing) string{
		"Chromium":        func(p printing) string { return p.chromium(text) },
		"Ghostscript":     func(p printing) string { return p.ghostscript(text) },
		"qpdf, encrypted": func(p printing) string { return p.qpdf(p.ghostscript(text), "--encrypt", "", "owner", "256", "--") },
	} {
		t.Run(name, func(t *testing.T) {
			file := make(printing{t, t.TempDir()})
			v := inspector(t, dlp.Limits{}).Text("message", []byte(file))
			if encrypted := strings.Contains(name, "encrypted"); len(v.Findings) > 0 || v.Unseen != "" != encrypted {
				t.Errorf("%d bytes: %v", len(file), v)
			}
		})
	}
}
