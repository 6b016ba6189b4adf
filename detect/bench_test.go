package detect

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// benchScan scans the text once before the clock runs: what the rules have to
// know of a literal is worked out when the first text holds it.
func benchScan(b *testing.B, text []byte) {
	scanner := NewScanner(compileBuiltin(b, Options{}))
	scanner.Scan(text, func(Finding) bool { return true })
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = scanner.Scan(text, func(Finding) bool { return true }).Findings
	}
	b.ReportMetric(float64(n), "findings/op")
}

// prose is text as logs and documentation have it, with the words rules look
// for here and there.
func prose(size int) []byte {
	rng := rand.New(rand.NewPCG(1, 1))
	words := strings.Fields("the quick brown fox reads a message about the key and its token from host db-3 at 10:42:07 INFO request " +
		"user=anna path=/api/v1/items status=200 duration=12ms and then password policy applies to every account in this system")
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(words[rng.IntN(len(words))])
		b.WriteByte(" \n"[min(1, rng.IntN(12)/11)])
	}
	return []byte(b.String())
}

// sources are Go's standard library, at most 64 MiB of it.
func sources(b *testing.B) (text []byte) {
	err := filepath.WalkDir(filepath.Join(runtime.GOROOT(), "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || len(text) > 64<<20 {
			return err
		}
		file, err := os.ReadFile(path)
		text = append(text, file...)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// record is a message as agents send them.
const record = `{"index":58321,"type":"task.update","from":"agent-7","data":{"title":"Fix \"quoted\" thing","path":"C:\\src","progress":0.5,"tags":["a","b"]}}` + "\n"

func serverLog(size int) []byte {
	const line = `10.2.0.17 - anna [21/Nov/2026:10:42:07 +0000] "GET /api/v1/items?page=3 HTTP/1.1" 200 5123 "https://example.org/list" "Mozilla/5.0 (X11; Linux x86_64)"` + "\n"
	return []byte(strings.Repeat(line, size/len(line)))
}

// What is in memory already: the speed of the engine itself. "matching" leaves
// the decoders out.
func BenchmarkScanResident(b *testing.B) {
	for name, text := range map[string][]byte{
		"go": sources(b), "prose": prose(8 << 20), "json": []byte(strings.Repeat(record, 8<<20/len(record))), "log": serverLog(8 << 20),
	} {
		b.Run(name, func(b *testing.B) { benchScan(b, text) })
		b.Run(name+"/matching", func(b *testing.B) { benchMatch(b, text) })
	}
}

// benchMatch runs the rules over a text as one layer.
func benchMatch(b *testing.B, text []byte) {
	s := newSession(compileBuiltin(b, Options{}))
	s.view, s.report = view{text: text, hi: len(text)}, &Report{}
	s.match(&layer{text: text}, 0, len(text))
	s.hits = s.hits[:0]
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.match(&layer{text: text}, 0, len(text))
		s.hits = s.hits[:0]
	}
}

func BenchmarkScanCleanText(b *testing.B) { benchScan(b, prose(1<<20)) }

func BenchmarkScanCleanMessage1KB(b *testing.B) { benchScan(b, prose(1<<10)) }

func BenchmarkScanCleanJSON(b *testing.B) {
	benchScan(b, []byte(strings.Repeat(record, 1<<20/len(record))))
}

func BenchmarkScanDense(b *testing.B) {
	benchScan(b, mixture(b, rand.New(rand.NewPCG(2, 2)), 1<<20))
}

func BenchmarkScanBase64(b *testing.B) {
	benchScan(b, []byte(randomText(rand.New(rand.NewPCG(3, 3)), exampleAlphabets()["base64"], 1<<20)))
}

// Texts written to cost as much as they can.
func BenchmarkScanHostile(b *testing.B) {
	for name, text := range map[string]string{
		"names":   strings.Repeat("key=", 1<<16),
		"jwt":     strings.Repeat("eyJ-", 1<<16),
		"dashes":  strings.Repeat("-----BEGIN ", 1<<14),
		"urls":    strings.Repeat("postgres://a:", 1<<14),
		"percent": strings.Repeat("%41", 1<<16),
		"slashes": strings.Repeat(`\\`, 1<<17),
		"curl":    strings.Repeat("curl ", 1<<15),
	} {
		b.Run(name, func(b *testing.B) { benchScan(b, []byte(text)) })
	}
}

// What a start takes: the builtin rules, with own ones, and from nothing but the
// rules.
func BenchmarkCompile(b *testing.B) {
	for name, own := range map[string][]Rule{"builtin": nil, "with 50 own": ownRules(50)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules, err := BuiltinRules()
				if err != nil {
					b.Fatal(err)
				}
				compileKnowing(b, append(rules, own...), known())
			}
		})
	}
	b.Run("nothing known", func(b *testing.B) {
		b.ReportAllocs()
		rules, err := BuiltinRules()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			compileKnowing(b, rules, &pack{})
		}
	})
}

// Unpacking is done once in the life of a program.
func BenchmarkUnpack(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}
