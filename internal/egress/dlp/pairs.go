package dlp

import (
	"bytes"
	"sort"

	"go.cordon.dev/cordon/detect"
)

const (
	// mostPaired bounds the pairs of one look, in bytes.
	mostPaired = 32 << 10
	// leastSide is what either side has of a secret that counts, and leastSure what
	// the first has when no checksum tells that it is one: a prefix and any word
	// behind it make a format too easily.
	leastSide = 4
	leastSure = 6
	// summed is the confidence of what has the right checksum.
	summed = 0.99
)

// pairs are words that are looked at as if they had been sent together, each pair
// on a line of its own.
type pairs struct {
	text []byte
	all  []pair
}

type pair struct {
	from, seam, to int
	p              piece // the one that is sent now
	chained        bool  // one side consists of pieces itself
	same           bool  // both sides are of one message
}

// with says where the other side is.
func (p pair) with() string {
	if p.same {
		return " and elsewhere in the message"
	}
	return " and an earlier message"
}

func (s *pairs) add(left, right []byte, p piece, chained, same bool) {
	from := len(s.text)
	s.text = append(append(s.text, left...), right...)
	s.all = append(s.all, pair{from: from, seam: from + len(left), to: len(s.text), p: p, chained: chained, same: same})
	s.text = append(s.text, "\n;\n"...)
}

// at finds the pair that holds a place.
func (s *pairs) at(place int) (pair, bool) {
	n := sort.Search(len(s.all), func(i int) bool { return s.all[i].to > place })
	if n == len(s.all) || s.all[n].from > place {
		return pair{}, false
	}
	return s.all[n], true
}

// mostRounds is how often the pieces of one text are put together: what two of them begin
// a third may end.
const mostRounds = 3

// joined looks at what the pieces of the text make with each other, and with what was
// sent before.
func (s *search) joined() (v Verdict) {
	if s.m.trail == nil || len(s.pieces) == 0 {
		return v
	}
	for range mostRounds {
		found, longer := s.join()
		v.add(found)
		s.m.trail.extend(s.m.id, longer)
		for _, p := range longer {
			clear(p.text)
		}
		if len(longer) == 0 {
			break
		}
	}
	for _, p := range s.pieces {
		clear(p.text)
	}
	return v
}

// join looks at the pairs that were not looked at so far. longer are beginnings that
// consist of pieces.
func (s *search) join() (v Verdict, longer []piece) {
	both := s.m.trail.pairs(s.m.id, s.pieces)
	s.m.trail.all.arm()
	if len(both.all) == 0 {
		return v, nil
	}
	defer clear(both.text)
	known := map[told]bool{}
	s.m.i.o.Scanner.ScanWatched(both.text, func(f detect.Finding) bool {
		p, ok := both.at(int(f.Start))
		if key := (told{f.Rule.ID, p.p.at}); ok && !known[key] && s.m.i.spans(f, p) {
			known[key] = true
			found := s.m.i.finding(f, s.where(s.base+p.p.at)+p.with())
			found.Special = true
			v.Findings = append(v.Findings, found)
		}
		return true
	}, detect.Watch{Begun: func(t detect.Text, start, end int) {
		if p, ok := both.at(start); ok && !t.Decoded() && p.seam-start >= leastSure && end == p.to && p.p.loose && len(longer) < mostLoose {
			longer = append(longer, piece{text: bytes.Clone(t.Bytes[start:end]), begun: true, small: p.same})
		}
	}})
	return v, longer
}

// spans says whether a finding is one of the pair and of neither side alone. What a
// validator doubts is none: words of the right length are frequent. What is made of
// more than two pieces needs a checksum.
func (i *Inspector) spans(f detect.Finding, p pair) bool {
	left, right := p.seam-int(f.Start), int(f.End)-p.seam
	if f.Rule.Generic || f.Rule.Near > 0 || f.Confidence < max(i.o.Confidence, f.Rule.Confidence) || int(f.End) > p.to || left < leastSide || right < leastSide {
		return false
	}
	return f.Confidence >= summed || left >= leastSure && !p.chained
}

// extend remembers beginnings that consist of pieces.
func (t *trail) extend(message uint64, longer []piece) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range longer {
		t.begun = keep(t.begun, shred{text: p.text, message: message, chained: true, small: p.small}, mostBegun)
	}
}
