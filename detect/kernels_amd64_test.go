package detect

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// forcedText names the file that a process with forced kernels scans.
const forcedText = "CORDON_TEST_FORCED_TEXT"

// switches are what takes from a processor that has everything all that is better
// than a kernel needs (golang.org/x/sys/cpu reads them).
var switches = map[anchor.Kernel]string{
	anchor.AVX512:   "",
	anchor.AVX2:     "cpu.avx512f=off,cpu.avx512bw=off",
	anchor.Portable: "cpu.avx512f=off,cpu.avx512bw=off,cpu.avx2=off",
}

// The packages of the kernels hold each to a plain implementation. This is the
// engine as a whole, as it starts on a processor that has no better kernel.
func TestEveryKernelScansAlike(t *testing.T) {
	if path := os.Getenv(forcedText); path != "" {
		fmt.Println(digest(t, path))
		return
	}
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, someOfAll(t), 0o600); err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(digest(t, path), " ")
	for _, k := range anchor.Kernels() {
		if got := forced(t, k, path); got != k.String()+" "+want {
			t.Errorf("%v: got %s, want %s", k, got, want)
		}
	}
}

// someOfAll is a text with examples of every eighth rule, and secrets in all encodings.
func someOfAll(t *testing.T) []byte {
	text := bytes.NewBuffer(mixture(t, rand.New(rand.NewPCG(4, 4)), 1<<13))
	for i, r := range compileBuiltin(t, Options{}).Rules() {
		if i%8 == 0 {
			text.WriteString("\n" + expand(t, r.Positives[0]) + "\n")
		}
	}
	return text.Bytes()
}

// digest tells which kernel is the best, and what is found in a file.
func digest(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := BuiltinRules() // as programs start, and quicker than from the files
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := NewScanner(set).FindAll(text)
	if len(found) < 300 {
		t.Fatalf("%d findings in the examples of every eighth rule", len(found))
	}
	sum := sha256.New()
	for _, f := range found {
		fmt.Fprintln(sum, f.Rule.ID, f.Start, f.End, f.Confidence, f.Decoders)
	}
	return fmt.Sprintf("%v %d findings, %x", anchor.Kernels()[0], len(found), sum.Sum(nil)[:8])
}

// forced is the digest by a process that takes a kernel for the best.
func forced(t *testing.T, k anchor.Kernel, path string) string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestEveryKernelScansAlike$", "-test.count", "1")
	child.Env = append(os.Environ(), "GODEBUG="+switches[k], forcedText+"="+path)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", k, err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}
