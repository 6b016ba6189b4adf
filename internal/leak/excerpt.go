package leak

import (
	"bytes"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// around is how many bytes of context are shown on either side of a secret,
// margin how many more are scanned again, in case the edge cuts something.
const (
	around = 80
	margin = 512
)

// maxExcerpts is how many secrets of one message are shown in their context.
// The others are recorded without, so that a message made of secrets costs no
// more than one that has a few.
const maxExcerpts = 256

// bare stands for the context of a secret beyond maxExcerpts.
func bare(h hit) string {
	return visible(h.Redacted, maxContent) + " (context left out: the message holds too much to look at)"
}

// excerpt is the text around a hit with every secret in it redacted.
func (x *examination) excerpt(h hit) string {
	w := windowAround(h)
	known := make([]detect.Finding, 0, len(x.hits))
	for _, o := range x.hits {
		f := o.Finding
		switch {
		case &o.text[0] == &h.text[0]:
			f.Start, f.End = w.place(f, int(f.Start), int(f.End))
		case !h.unquoted: // a string's hit, seen in the data: by where it is written
			f.Start, f.End = w.place(f, o.from, o.to)
		default:
			f.Start, f.End = -1, -1 // it lies elsewhere: look for its bytes
		}
		known = append(known, f)
	}
	known = append(known, x.encoded...)
	f := h.Finding
	f.Start, f.End = int64(w.from-w.low), int64(w.from-w.low+w.shown)
	text, ok := settle(x.shown, x.shown.Excerpt(w.text, f, known, around))
	if !ok {
		return bare(h)
	}
	return visible(text, maxContent)
}

// window is what an excerpt is made of: a hit's text [low, high), of which
// [from, to) is the hit and the run of encoding it lies in. Of that only shown
// bytes are left in text, because nothing of it is looked at.
type window struct {
	text       []byte
	low, high  int
	from, to   int
	shown      int
	runs, ends int // the runs of encoding that reach over low and high begin and end here
}

// maxRun is how much of a hit a window holds.
const maxRun = 64

func windowAround(h hit) window {
	f := covering(h.Finding, h.text)
	from, to := int(f.Start), int(f.End)
	w := window{from: from, to: to, shown: min(to-from, maxRun)}
	w.low, w.high = max(0, from-around-margin), min(len(h.text), to+around+margin)
	w.text = append(append([]byte(nil), h.text[w.low:from+w.shown]...), h.text[to:w.high]...)
	edge := func(at int) detect.Finding {
		return covering(detect.Finding{Start: int64(at), End: int64(at), Decoders: []string{""}}, h.text)
	}
	w.runs, w.ends = int(edge(w.low).Start), int(edge(w.high).End)
	return w
}

// place is where in the window a finding in [from, to) of its text is to be
// hidden, with the run of encoding around it; -1 when it does not reach in.
func (w window) place(f detect.Finding, from, to int) (start, end int64) {
	low, high := w.low, w.high
	if len(f.Decoders) > 0 {
		low, high = w.runs, w.ends
	}
	if to <= low || from >= high {
		return -1, -1
	}
	f.Start, f.End = w.at(from), w.at(to)
	f = covering(f, w.text)
	return f.Start, f.End
}

// at is where a byte of the source lies in the window; what lies beyond lies at
// its edge.
func (w window) at(i int) int64 {
	i = min(max(i, w.low), w.high) - w.low
	first, cut := w.from-w.low+w.shown, w.to-w.from-w.shown
	if i <= first {
		return int64(i)
	}
	return int64(max(first, i-cut))
}

// covering widens the place of a decoded secret to the whole run of characters
// an encoding may have: what is left of an encoded text beside the secret can
// show parts of it.
func covering(f detect.Finding, text []byte) detect.Finding {
	if len(f.Decoders) == 0 || f.Start < 0 || f.End > int64(len(text)) {
		return f
	}
	for f.Start > 0 && encoding(text[f.Start-1]) {
		f.Start--
	}
	for f.End < int64(len(text)) && encoding(text[f.End]) {
		f.End++
	}
	return f
}

// encoding says whether c is a character of base64, hex, percent or backslash
// encodings.
func encoding(c byte) bool {
	switch c {
	case '+', '/', '=', '-', '_', '%', '\\':
		return true
	}
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// clean makes a short text from outside fit to be kept: whatever in it is a
// secret, by itself or because it was found elsewhere in the message, is
// redacted.
func (x *examination) clean(text string, limit int) string {
	if text == "" {
		return ""
	}
	if len(text) > maxOutside {
		return fmt.Sprintf("(left out: %d bytes)", len(text))
	}
	all := slices.Clone(x.encoded)
	for _, h := range x.hits {
		f := h.Finding
		f.Start, f.End = -1, -1 // it lies elsewhere: look for its bytes
		all = append(all, f)
	}
	return safe(x.shown, text, all, limit)
}

// safe redacts a text, the encoded runs of what is decoded in it included.
func safe(s *detect.Scanner, text string, known []detect.Finding, limit int) string {
	raw := []byte(text)
	s.Scan(raw, func(f detect.Finding) bool {
		known = append(known, covering(f, raw))
		return len(known) < 2*maxHits
	})
	text, ok := settle(s, s.RedactText(raw, known))
	if !ok {
		return hidden
	}
	return visible(text, limit)
}

const (
	hidden   = "[redacted]"
	asterisk = "****" // what a redacted form has in its middle
)

// settle reads a redacted text once more before it is recorded: what is left of
// two secrets that ran into each other can be one again. It is not ok when the
// text shows a secret whatever is done, or when it may, because the budget for
// decoding is spent.
func settle(s *detect.Scanner, text string) (settled string, ok bool) {
	for range 3 {
		raw := []byte(text)
		var left []detect.Finding
		report := s.Scan(raw, func(f detect.Finding) bool {
			if !bytes.Contains(raw[f.Start:f.End], []byte(asterisk)) {
				left = append(left, covering(f, raw))
			}
			return true
		})
		if len(left) == 0 {
			return text, !spent(report)
		}
		text = s.RedactText(raw, left)
	}
	return "", false
}

func spent(r detect.Report) bool {
	return slices.ContainsFunc(r.NotScanned, func(n detect.NotScanned) bool { return n.Reason == detect.ReasonBudget })
}
