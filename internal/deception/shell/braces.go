package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// mostBraces is how many words one word with braces may become.
const mostBraces = 100_000

// braces yields the words that a word with braces stands for.
func (sh *shell) braces(w *syntax.Word) func(yield func(*syntax.Word, error) bool) {
	return func(yield func(*syntax.Word, error) bool) {
		if !hasBraces(w) {
			yield(w, nil)
			return
		}
		left := mostBraces
		list, ok := braceWords(w.Parts, &left)
		if !ok {
			yield(nil, sh.fault("brace expansion: failed to allocate memory for %d elements", mostBraces+1))
			return
		}
		for _, parts := range list {
			if !sh.step() {
				yield(nil, errFault)
				return
			}
			if !yield(&syntax.Word{Parts: parts}, nil) {
				return
			}
		}
	}
}

func hasBraces(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if _, ok := p.(*syntax.BraceExp); ok {
			return true
		}
	}
	return false
}

// braceWords are the lists of parts that a list with braces stands for; ok is
// false when they are too many.
func braceWords(parts []syntax.WordPart, left *int) (out [][]syntax.WordPart, ok bool) {
	out = [][]syntax.WordPart{nil}
	for _, p := range parts {
		b, is := p.(*syntax.BraceExp)
		if !is {
			for i := range out {
				out[i] = append(out[i], p)
			}
			continue
		}
		choices, ok := braceChoices(b, left)
		if *left -= len(out) * len(choices); !ok || *left < 0 {
			return nil, false
		}
		var next [][]syntax.WordPart
		for _, begin := range out {
			for _, c := range choices {
				next = append(next, append(begin[:len(begin):len(begin)], c...))
			}
		}
		out = next
	}
	return out, true
}

func braceChoices(b *syntax.BraceExp, left *int) (out [][]syntax.WordPart, ok bool) {
	if b.Sequence {
		return sequence(b, *left)
	}
	for _, e := range b.Elems {
		list, ok := braceWords(e.Parts, left)
		if !ok {
			return nil, false
		}
		out = append(out, list...)
	}
	return out, true
}

// sequence is {x..y} and {x..y..step}, of numbers or letters.
func sequence(b *syntax.BraceExp, most int) (out [][]syntax.WordPart, ok bool) {
	from, to := b.Elems[0].Lit(), b.Elems[1].Lit()
	step := int64(1)
	if len(b.Elems) > 2 {
		step, _ = strconv.ParseInt(b.Elems[2].Lit(), 10, 64)
	}
	x, err1 := strconv.ParseInt(from, 10, 64)
	y, err2 := strconv.ParseInt(to, 10, 64)
	letters := err1 != nil || err2 != nil
	width := 0
	if letters {
		x, y = int64(from[0]), int64(to[0])
	} else if padded(from) || padded(to) {
		width = max(len(from), len(to))
	}
	if step < 0 {
		step = -step
	}
	step = max(step, 1)
	count := (uint64(max(x, y))-uint64(min(x, y)))/uint64(step) + 1
	if count > uint64(max(most, 0)) {
		return nil, false
	}
	if x > y {
		step = -step
	}
	for n := range int64(count) {
		out = append(out, []syntax.WordPart{&syntax.Lit{Value: numeral(x+n*step, width, letters)}})
	}
	return out, true
}

func padded(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return len(s) > 1 && s[0] == '0'
}

func numeral(n int64, width int, letter bool) string {
	if letter {
		return string(rune(n))
	}
	s := strconv.FormatInt(n, 10)
	if len(s) >= width {
		return s
	}
	if n < 0 {
		return "-" + strings.Repeat("0", width-len(s)) + s[1:]
	}
	return strings.Repeat("0", width-len(s)) + s
}
