package detect

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// plain is a finding without what can't be compared.
type plain struct {
	ID, Redacted, Secret, Decoders string
	Start, End                     int64
	Line, Column                   int
	Confidence                     float64
}

func plainOf(f Finding) plain {
	return plain{f.Rule.ID, f.Redacted, string(f.Secret.Reveal()), strings.Join(f.Decoders, " "), f.Start, f.End, f.Line, f.Column, f.Confidence}
}

// chunks is a reader that gives what it holds in random portions.
type chunks struct {
	rest []byte
	rng  *rand.Rand
	most int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(len(c.rest), c.rng.IntN(c.most+1))])
	c.rest = c.rest[n:]
	return n, nil
}

// mixture is a text of the size with secrets in all forms, some across the edges
// of segments.
func mixture(t testing.TB, rng *rand.Rand, size int) []byte {
	secrets := [][]byte{}
	for _, s := range []string{"{{github:ghp:m}}", "key AKIA{{base32:16}} ", "{{pem:RSA PRIVATE KEY}}", "postgres://app:k9Xw2mQ7zr@db.example.org/app", `"password": "k9Xw2mQ7zr"`, "{{jwt}}"} { // cordon:allow
		text := expand(t, s)
		b64 := base64.StdEncoding.EncodeToString([]byte(text))
		secrets = append(secrets, []byte(" "+text+" "), []byte(" "+b64+"\n"), []byte(escaped(text)), gzipped([]byte(text)))
	}
	words := []string{"the ", "quick ", "key ", "token: ", "\n", "{\"a\":", "password ", "https://example.org/a%20b ", "\\n", "0123456789abcdef"}
	var b bytes.Buffer
	for b.Len() < size {
		near := segmentSize - b.Len()%segmentSize
		if near < 200 || rng.IntN(400) == 0 {
			b.Write(secrets[rng.IntN(len(secrets))])
		}
		b.WriteString(words[rng.IntN(len(words))])
	}
	return b.Bytes()
}

func TestStreamingFindsWhatScanFinds(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	seeds, segments := uint64(2), 2
	if testing.Short() { // under the race detector, which is slow and does not care for size
		seeds, segments = 1, 1
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 1))
		text := mixture(t, rng, segments*segmentSize+rng.IntN(segmentSize/2))
		var whole, streamed []plain
		report := scanner.Scan(text, func(f Finding) bool { whole = append(whole, plainOf(f)); return true })
		r := &chunks{rest: bytes.Clone(text), rng: rng, most: 1 + rng.IntN(100000)}
		other, err := scanner.ScanReader(context.Background(), r, func(f Finding) bool { streamed = append(streamed, plainOf(f)); return true })
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(whole, streamed, cmpopts.EquateEmpty()); diff != "" || len(whole) < 1000 {
			t.Errorf("seed %d: %d findings; streaming differs:\n%.2000s", seed, len(whole), diff)
		}
		if diff := gocmp.Diff(report, other, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("seed %d: reports differ:\n%s", seed, diff)
		}
	}
}

// A secret anywhere near the edge of a segment is found exactly once, with the
// right line.
func TestSecretsAcrossASegmentEdgeAreFoundOnce(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{github:ghp}}")
	forms := map[string]string{
		"plain": secret, "base64": base64.StdEncoding.EncodeToString([]byte(secret)), "escape": escaped(secret), "gzip": string(gzipped([]byte(secret))),
	}
	for name, form := range forms {
		for offset := -len(form) - 2; offset <= 2; offset += 1 + len(form)/4 {
			text := bytes.Repeat([]byte(" "), segmentSize+8<<10)
			text[10] = '\n'
			at := segmentSize + offset
			copy(text[at:], form)
			found, report := scanner.FindAll(text)
			if len(found) != 1 || found[0].Start != int64(at) || found[0].Line != 2 || string(found[0].Secret.Reveal()) != secret || !report.Complete() {
				t.Errorf("%s at edge%+d: found %v %+v", name, offset, found, report)
			}
		}
	}
}

// A literal that itself lies across the edge belongs to the segment in which it
// begins, also when no rule of the set looks further.
func TestALiteralAcrossASegmentEdgeIsFound(t *testing.T) {
	scanner := alone(t, Rule{ID: "a", Regex: `ACME-[0-9]{9}`, Severity: SeverityLow, Confidence: 1})
	for offset := -14; offset <= 1; offset++ {
		text := bytes.Repeat([]byte(" "), segmentSize+1<<10)
		copy(text[segmentSize+offset:], "ACME-012345678")
		if found, _ := scanner.FindAll(text); len(found) != 1 || found[0].Start != int64(segmentSize+offset) {
			t.Errorf("at edge%+d: found %v", offset, found)
		}
	}
}

func TestAnEndlessLineIsScannedInBoundedMemory(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	size := int64(24 << 20)
	if testing.Short() { // as above
		size = 3 << 20
	}
	secret := expand(t, "{{github:ghp}}")
	line := io.MultiReader(io.LimitReader(&filler16{}, size), strings.NewReader(secret), io.LimitReader(&filler16{}, size))
	var found []Finding
	report, err := scanner.ScanReader(context.Background(), line, func(f Finding) bool { found = append(found, f); return true })
	if err != nil || len(found) != 1 || found[0].Start != size || found[0].Line != 1 || found[0].Column != int(size)+1 {
		t.Errorf("%v, found %v", err, found)
	}
	if want := 2*size + int64(len(secret)); report.Bytes != want || !report.Complete() {
		t.Errorf("report %+v, want %d bytes", report, want)
	}
}

// filler16 gives "no secret here, " for ever.
type filler16 struct{ at int }

func (f *filler16) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "no secret here, "[f.at%16]
		f.at++
	}
	return len(p), nil
}

func TestAReadErrorIsReturnedWithWhatWasScanned(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	broken := errors.New("broken pipe")
	r := io.MultiReader(strings.NewReader(expand(t, "{{github:ghp}} ")), iotest.ErrReader(broken))
	n := 0
	report, err := scanner.ScanReader(context.Background(), r, func(Finding) bool { n++; return true })
	if !errors.Is(err, broken) || n != 1 || report.Complete() || report.NotScanned[0].Reason != ReasonReadError {
		t.Errorf("%v, %d findings, %+v", err, n, report)
	}
}

func TestACancelledScanEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	report, err := NewScanner(compileBuiltin(t, Options{})).ScanReader(ctx, &filler16{}, func(Finding) bool { return true })
	if !errors.Is(err, context.Canceled) || report.Complete() {
		t.Errorf("%v, %+v", err, report)
	}
}

func TestAReaderThatGivesNothingIsGivenUp(t *testing.T) {
	_, err := NewScanner(compileBuiltin(t, Options{})).ScanReader(context.Background(), idle{}, func(Finding) bool { return true })
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestStoppingAStream(t *testing.T) {
	r := io.MultiReader(strings.NewReader(expand(t, "{{github:ghp:1}} {{github:ghp:2}}")), io.LimitReader(&filler16{}, 3<<20))
	calls := 0
	report, err := NewScanner(compileBuiltin(t, Options{})).ScanReader(context.Background(), r, func(Finding) bool { calls++; return false })
	if err != nil || calls != 1 || report.Complete() || report.NotScanned[0].Reason != ReasonStopped {
		t.Errorf("%v, %d calls, %+v", err, calls, report)
	}
}
