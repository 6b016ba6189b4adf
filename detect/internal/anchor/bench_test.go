package anchor

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	corpusSize = 1 << 20
	chunkSize  = 64 << 10
)

// folder joins files until they are enough, or returns nil where there are none.
func folder(root, ending string) []byte {
	var all []byte
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(p, ending) && !strings.HasSuffix(p, ".gz") {
			text, _ := os.ReadFile(p)
			all = append(all, text[:min(len(text), 16<<10)]...)
		}
		if len(all) >= corpusSize {
			return fs.SkipAll
		}
		return nil
	})
	return all
}

// corpora are the texts to measure on: real ones where the machine has them, one
// without any place that could be a window, and one that holds nothing else.
func corpora() map[string][]byte {
	all := map[string][]byte{
		"clean":   bytes.Repeat([]byte("0123 4567\n"), corpusSize/10),
		"hostile": bytes.Repeat([]byte("key-token_"), corpusSize/10),
		"go":      folder(filepath.Join(runtime.GOROOT(), "src"), ".go"),
		"doc":     folder("/usr/share/doc", ""),
	}
	for name, text := range all {
		if len(text) == 0 {
			delete(all, name)
		}
	}
	return all
}

// someLiterals resemble the literals of rules: prefixes of tokens, and names of
// providers and of variables.
func someLiterals(n int) []string {
	rng := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("cloud data mail pay git lab hub bit spot ify ster zen desk log ly stack fire base mongo air table hook flow sync met ric dev ops sec api key tok")
	endings := strings.Fields("_ - _live_ _test_ -key api _token secret _pat_ 1 2 v1. .")
	set := map[string]bool{"key": true, "api": true, "token": true, "secret": true, "http": true, "now": true, "pat": true}
	for len(set) < n {
		var b strings.Builder
		if rng.IntN(12) == 0 {
			fmt.Fprintf(&b, "%c%c%c", 'a'+rng.IntN(26), 'a'+rng.IntN(26), 'a'+rng.IntN(26))
		} else {
			b.WriteString(syllables[rng.IntN(len(syllables))] + syllables[rng.IntN(len(syllables))])
		}
		if rng.IntN(3) > 0 {
			b.WriteString(endings[rng.IntN(len(endings))])
		}
		set[b.String()] = true
	}
	all := make([]string, 0, n)
	for literal := range set {
		all = append(all, literal)
	}
	return all
}

// measure goes through the text in chunks, as often as it takes. Beside the usual
// rate it reports that of each chunk's quickest time, which other work on the
// machine disturbs little.
func measure(b *testing.B, text []byte, work func(chunk []byte)) {
	best := make([]time.Duration, (len(text)+chunkSize-1)/chunkSize)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for i := range best {
			start := time.Now()
			work(text[i*chunkSize : min(len(text), (i+1)*chunkSize)])
			if took := time.Since(start); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	var sum time.Duration
	for _, d := range best {
		sum += d
	}
	b.ReportMetric(float64(len(text))/1e6/sum.Seconds(), "best-MB/s")
}

func measureFind(b *testing.B, s *Set, text []byte) {
	hits, found := make([]Hit, 0, 256), 0
	measure(b, text, func(chunk []byte) {
		for next := 0; next < len(chunk); found += len(hits) {
			hits, next = s.Find(chunk, next, hits[:0])
		}
	})
	b.ReportMetric(float64(found)*1024/float64(len(text))/float64(b.N), "hits/KiB")
}

// BenchmarkFind is to be read against BenchmarkMemory.
func BenchmarkFind(b *testing.B) {
	texts := corpora()
	for _, n := range []int{400, 3000} {
		set := New(someLiterals(n))
		for _, k := range Kernels() {
			s := set.With(k)
			for name, text := range texts {
				b.Run(fmt.Sprintf("%v/%s-%d", k, name, n), func(b *testing.B) { measureFind(b, s, text) })
			}
		}
	}
}

func BenchmarkFindEscapes(b *testing.B) {
	texts, set := corpora(), New(escapeMarks())
	for _, k := range Kernels() {
		for name, text := range texts {
			b.Run(fmt.Sprintf("%v/%s", k, name), func(b *testing.B) { measureFind(b, set.With(k), text) })
		}
	}
}

func BenchmarkRuns(b *testing.B) {
	texts, spans := corpora(), make([]Span, 0, 256)
	for _, k := range Kernels() {
		c := NewClass(base64Digits).With(k)
		for name, text := range texts {
			b.Run(fmt.Sprintf("%v/%s", k, name), func(b *testing.B) {
				measure(b, text, func(chunk []byte) {
					for next := 0; next < len(chunk); {
						spans, next = c.Runs(chunk, 20, next, spans[:0])
					}
				})
			})
		}
	}
}

// BenchmarkMemory is what reading the same texts costs at least.
func BenchmarkMemory(b *testing.B) {
	for name, text := range corpora() {
		b.Run(name, func(b *testing.B) {
			measure(b, text, func(chunk []byte) { bytes.Count(chunk, []byte{1}) })
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{400, 3000} {
		literals := someLiterals(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				New(literals)
			}
		})
	}
}
