package syslog

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// frames reads a stream to its end.
func frames(t testing.TB, r io.Reader) (out []string, tooLong uint64) {
	t.Helper()
	f := framer{r: bufio.NewReaderSize(r, 16<<10)}
	for {
		text, err := f.next()
		if len(text) > 0 {
			out = append(out, string(text))
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error(err)
			}
			return out, f.tooLong
		}
	}
}

func TestFrames(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	tests := map[string]struct {
		stream  string
		want    []string
		tooLong uint64
	}{
		"nothing":                      {"", nil, 0},
		"counted":                      {"5 <1>ab7 <1>a\nbc", []string{"<1>ab", "<1>a\nbc"}, 0},
		"counted, cut off":             {"5 <1>ab9 <1>a", []string{"<1>ab"}, 0},
		"lines":                        {"<1>a\r\n\n<1>b\n<1>without an end", []string{"<1>a", "<1>b", "<1>without an end"}, 0},
		"lines that end in NUL":        {"<1>a\x00\n<1>b\n", []string{"<1>a", "<1>b"}, 0},
		"both":                         {"<1>a\n5 <1>ab<1>b\n", []string{"<1>a", "<1>ab", "<1>b"}, 0},
		"lines that begin with digits": {"198.51.100.7 - - x\n2026-11-22T07 y\n12 angry men\n123", []string{"198.51.100.7 - - x", "2026-11-22T07 y", "12 angry men", "123"}, 0},
		"a count of nothing":           {"0 <1>a\n", []string{"0 <1>a"}, 0},
		"a count without an end":       {"99999999999999999999 <1>a\n", []string{"99999999999999999999 <1>a"}, 0},
		"the longest line":             {long + "\na\n", []string{long, "a"}, 0},
		"a line that is too long":      {long + "x\na\n", []string{"a"}, 1},
		"and has no end":               {long + "xxx", nil, 1},
		"a count that is too long":     {"131073 <1>" + long[:MaxLine-2] + "2 <1", []string{"2 <1"[2:]}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.stream), iotest.OneByteReader(strings.NewReader(tt.stream))} {
				if got, tooLong := frames(t, r); !slices.Equal(got, tt.want) || tooLong != tt.tooLong {
					t.Errorf("%.80q, %d too long", got, tooLong)
				}
			}
		})
	}
}

// However a stream is cut into reads, its messages are the same.
func FuzzFrames(f *testing.F) {
	f.Add("5 <1>ab<1>b\n198.51.100.7\n")
	f.Fuzz(func(t *testing.T, stream string) {
		whole, a := frames(t, strings.NewReader(stream))
		single, b := frames(t, iotest.OneByteReader(strings.NewReader(stream)))
		if !slices.Equal(whole, single) || a != b {
			t.Errorf("%q and %q", whole, single)
		}
		if len(strings.Join(whole, "")) > len(stream) {
			t.Errorf("%q is more than %q", whole, stream)
		}
	})
}
