package detect

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// benchPeel measures what the decoders cost a text, without the rules.
func benchPeel(b *testing.B, text string) {
	rs, err := Compile(nil, Options{MaxDecoded: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	s := newSession(rs)
	v := view{text: []byte(text), hi: len(text)}
	var report Report
	s.view, s.report = v, &report
	root := &layer{text: v.text}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.budget = rs.opts.MaxDecoded
		s.peel(root, 0, len(text))
	}
	b.ReportMetric(float64(report.Decoded)/float64(b.N)/float64(len(text)), "decoded/byte")
}

const sourceLines = `// merge joins two sorted lists; of equal elements those of the first come first.
func merge(a, b []entry, less func(x, y entry) bool) ([]entry, error) {
	out := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if less(b[0], a[0]) {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		out, a = append(out, a[0]), a[1:]
	}
	if err := checkInvariants(out, "merge", 'x'); err != nil {
		return nil, fmt.Errorf("merging %d and %d entries: %w", len(a), len(b), err)
	}
	return append(append(out, a...), b...), nil
}
`

func BenchmarkPeelCleanSource(b *testing.B) {
	benchPeel(b, strings.Repeat(sourceLines, 1<<20/len(sourceLines)))
}

func BenchmarkPeelCleanProse(b *testing.B) { benchPeel(b, string(prose(1<<20))) }

func BenchmarkPeelCleanJSON(b *testing.B) {
	const record = `{"index":58321,"type":"task.update","from":"agent-7","data":{"title":"Fix the quoted thing","path":"/usr/src/app","progress":0.5,"tags":["a","b"]}}` + "\n"
	benchPeel(b, strings.Repeat(record, 1<<20/len(record)))
}

func BenchmarkPeelCleanLog(b *testing.B) {
	const line = `2026-11-21T10:42:07.123Z INFO  [worker-3] handled request method=GET path="/api/v1/items/42" status=200 took=12ms id=6f1c2ab0-77aa-4e0e-9d6c-0f6a2d1b9c3e` + "\n"
	benchPeel(b, strings.Repeat(line, 1<<20/len(line)))
}

// Fields in quotation marks side by side look like strings of a program.
func BenchmarkPeelCleanServerLog(b *testing.B) { benchPeel(b, string(serverLog(1<<20))) }

func BenchmarkPeelCleanBase64Heavy(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 4))
	var text strings.Builder
	for text.Len() < 1<<20 {
		blob := make([]byte, []int{20, 32, 64, 300}[rng.IntN(4)])
		for i := range blob {
			blob[i] = byte(rng.Uint32())
		}
		text.WriteString(`"integrity": "sha512-` + base64.StdEncoding.EncodeToString(blob) + "\",\n\"digest\": \"" + hex.EncodeToString(blob[:20]) + "\",\n")
	}
	benchPeel(b, text.String())
}

func BenchmarkPeelCleanMessage1KB(b *testing.B) { benchPeel(b, string(prose(1<<10))) }

// Sums of SHA-256 and SHA-512, as lists of packages have them.
func BenchmarkPeelCleanSums(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 5))
	var text strings.Builder
	for text.Len() < 1<<20 {
		sum := make([]byte, []int{32, 64}[rng.IntN(2)])
		for i := range sum {
			sum[i] = byte(rng.Uint32())
		}
		text.WriteString(hex.EncodeToString(sum) + "  usr/share/doc/package/changelog.gz\n")
	}
	benchPeel(b, text.String())
}
