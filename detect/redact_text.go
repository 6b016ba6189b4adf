package detect

import (
	"bytes"
	"slices"
	"strings"
)

// RedactText returns text with every finding in it, and whatever a scan of text
// itself shows, replaced by its redacted form. Offsets of findings count from
// the start of text; findings elsewhere are looked for by their bytes only. Bytes
// that are no UTF-8 become U+FFFD; control characters are kept.
func (s *Scanner) RedactText(text []byte, findings []Finding) string {
	return render(text, s.spans(text, findings), 0, len(text))
}

// excerptMargin is how much more than is shown is scanned, so that a secret cut
// by the edge of an excerpt is still known for one.
const excerptMargin = 4 << 10

// Excerpt returns the text around f, at most around bytes on either side, with
// everything redacted as RedactText does. Findings are all those known, in text
// or, with offsets outside of it, elsewhere; f need not be among them.
func (s *Scanner) Excerpt(text []byte, f Finding, findings []Finding, around int) string {
	size := int64(len(text))
	start, end := min(max(0, f.Start), size), min(max(0, f.End), size)
	from, to := int(max(0, start-int64(around))), int(min(size, end+int64(around)))
	low, high := max(0, from-excerptMargin), min(len(text), to+excerptMargin)
	near := make([]Finding, 0, len(findings)+1)
	for _, g := range append(slices.Clip(findings), f) {
		if g.End > int64(low) && g.Start < int64(high) {
			g.Start, g.End = g.Start-int64(low), g.End-int64(low)
		} else {
			g.Start, g.End = -1, -1 // it lies elsewhere, but its bytes may be here too
		}
		near = append(near, g)
	}
	part := text[low:high]
	return render(part, s.spans(part, near), from-low, to-low)
}

// stain is a stretch of text that must not be shown, and what stands for it.
type stain struct {
	from, to int
	shown    string
}

// spans returns the stretches to hide, sorted and apart from each other.
func (s *Scanner) spans(text []byte, findings []Finding) []stain {
	var found []Finding
	s.Scan(text, func(f Finding) bool {
		found = append(found, f)
		return true
	})
	var stains []stain
	for _, f := range append(slices.Clip(findings), found...) {
		stains = append(stains, f.stains(text)...)
	}
	slices.SortFunc(stains, func(a, b stain) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	return merge(stains)
}

// minRepeat is the length from which a secret is looked for elsewhere in a text.
const minRepeat = 6

// stains is the finding's own place and every other place of its bytes.
func (f Finding) stains(text []byte) []stain {
	from, to := max(0, f.Start), min(int64(len(text)), f.End)
	var out []stain
	if from < to {
		out = append(out, stain{int(from), int(to), f.Redacted})
	}
	secret := f.Secret.Reveal()
	if len(secret) < minRepeat {
		return out
	}
	for at := 0; ; {
		i := bytes.Index(text[at:], secret)
		if i < 0 {
			return out
		}
		out = append(out, stain{at + i, at + i + len(secret), f.Redacted})
		at += i + len(secret)
	}
}

func merge(stains []stain) []stain {
	var out []stain
	for _, s := range stains {
		if n := len(out); n > 0 && s.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// render writes text[from:to] with the stains hidden; one that reaches over an
// edge is shown whole in its redacted form.
func render(text []byte, stains []stain, from, to int) string {
	var b strings.Builder
	at := from
	for _, s := range stains {
		if s.to <= from || s.from >= to {
			continue
		}
		if s.from > at {
			b.Write(text[at:s.from])
		}
		b.WriteString(s.shown)
		at = s.to
	}
	if at < to {
		b.Write(text[at:to])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
