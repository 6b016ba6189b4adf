package dlp

import (
	"bytes"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/detect"
)

// A secret may be asked for in pieces, some labels in each name. Whoever answers for the
// domain puts them together in the order in which they came. So what a client asked for
// below one domain is remembered for Limits.Recall, and looked at as if it were one name.
const (
	mostNames = 32      // below one domain, the oldest are forgotten
	mostAsked = 2 << 10 // bytes of all that are put together
	leastName = 6       // bytes of the longest label: shorter ones are www and mail
)

// Name is Inspector.Name of a name below a domain, of which rest are the labels before
// it. It is looked at with those that the message's program asked for before; the program
// stands for one client and one domain.
func (m *Message) Name(where, name, rest string) Verdict {
	v := m.i.Name(where, name)
	if m.program == "" || len(v.Findings) > 0 || len(longestOf(rest)) < leastName {
		return v
	}
	trail := m.i.names.of(m.program)
	asked := trail.ask(m.id, rest)
	m.i.names.arm()
	defer func() {
		for _, a := range asked {
			clear(a)
		}
	}()
	if len(asked) < 2 {
		return v
	}
	for _, part := range [...]func([]byte) []byte{allLabels, func(a []byte) []byte { return []byte(longestOf(string(a))) }} {
		s := seams{i: m.i, where: where + " and earlier ones"}
		for _, a := range asked {
			s.add(part(a))
		}
		if v.Findings = s.look(); len(v.Findings) > 0 {
			trail.unask(rest) // it does not leave, and is looked at again when it is asked for again
			return v
		}
	}
	return v
}

// ask remembers what stands before a domain, and returns copies of all that does, the
// oldest first; nothing if it was asked for before.
func (t *trail) ask(message uint64, rest string) (all [][]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.names, func(s shred) bool { return bytes.EqualFold(s.text, []byte(rest)) }) {
		return nil
	}
	t.names = keep(t.names, shred{text: []byte(rest), message: message, at: time.Now()}, mostNames)
	size := 0
	for _, s := range slices.Backward(t.names) {
		if size += len(s.text); size > mostAsked {
			break
		}
		all = append(all, bytes.Clone(s.text))
	}
	slices.Reverse(all)
	return all
}

// unask forgets one of them.
func (t *trail) unask(rest string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.names = slices.DeleteFunc(t.names, func(s shred) bool {
		same := bytes.EqualFold(s.text, []byte(rest))
		if same {
			clear(s.text)
		}
		return same
	})
}

func allLabels(rest []byte) []byte { return bytes.ReplaceAll(rest, []byte("."), nil) }

func longestOf(rest string) (longest string) {
	for label := range strings.SplitSeq(rest, ".") {
		if len(label) > len(longest) {
			longest = label
		}
	}
	return longest
}

// seams are pieces side by side, and where they meet.
type seams struct {
	i     *Inspector
	where string
	text  []byte
	at    []int
}

func (s *seams) add(piece []byte) {
	if len(s.text) > 0 {
		s.at = append(s.at, len(s.text))
	}
	s.text = append(s.text, piece...)
}

// look returns the first finding of what no piece holds alone: in the text as it is, in
// capitals, as names lose them, and in what base32 says in it.
func (s *seams) look() []Finding {
	defer clear(s.text)
	upper := bytes.ToUpper(s.text)
	defer clear(upper)
	for _, text := range [...][]byte{s.text, upper} {
		if found := s.scan(text, 1, 1); len(found) > 0 {
			return found
		}
	}
	digits := bytes.TrimRight(upper, "=")
	for _, coding := range [...]*base32.Encoding{base32.StdEncoding, base32.HexEncoding} {
		out := make([]byte, len(digits))
		n, _ := coding.WithPadding(base32.NoPadding).Decode(out, digits) // as far as it is base32
		found := s.scan(out[:n], 8, 5)
		clear(out)
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// scan looks at a text of which every so many digits are so many bytes.
func (s *seams) scan(text []byte, digits, bytes int) (found []Finding) {
	s.i.scanned.Add(int64(len(text)))
	s.i.o.Scanner.Scan(text, func(f detect.Finding) bool {
		coded := digits != bytes || len(f.Decoders) > 0
		if s.spans(f, int(f.Start)*digits/bytes, int(f.End)*digits/bytes, coded) {
			one := s.i.finding(f, s.where)
			one.Special = true
			found = append(found, one)
		}
		return len(found) == 0
	})
	return found
}

// spans says whether a finding at [from,to) is one that several pieces hold together. As
// of pairs, of what is written plainly each end has to have a part of it that is no
// accident, unless a checksum tells; what was decoded is none.
func (s *seams) spans(f detect.Finding, from, to int, coded bool) bool {
	inside := slices.DeleteFunc(slices.Clone(s.at), func(at int) bool { return at <= from || at >= to })
	if len(inside) == 0 || f.Rule.Generic || f.Rule.Near > 0 || f.Confidence < max(s.i.o.Confidence, f.Rule.Confidence) {
		return false
	}
	left, right := inside[0]-from, to-inside[len(inside)-1]
	return coded || left >= leastSide && right >= leastSide && (f.Confidence >= summed || left >= leastSure && len(inside) == 1)
}
