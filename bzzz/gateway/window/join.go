package window

import (
	"cmp"
	"slices"
)

// maxCross is how many pairs of strings in different places are joined.
const maxCross = 16

// join returns what pieces[own] says together with the others: in the sender's
// order, and in the order of arrival when that is another, because a sender may
// number its messages as it likes.
func join(pieces []piece, own int) []Joint {
	if len(pieces) < 2 {
		return nil
	}
	out := inOrder(pieces, own)
	sorted := slices.Clone(pieces)
	slices.SortStableFunc(sorted, func(a, b piece) int { return cmp.Compare(a.seq, b.seq) })
	at := slices.IndexFunc(sorted, func(p piece) bool { return p.id == pieces[own].id })
	if at != own {
		out = append(out, inOrder(sorted, at)...)
	}
	return out
}

func inOrder(pieces []piece, own int) []Joint {
	var out []Joint
	for _, p := range pieces[own].parts {
		if j := chain(pieces, own, p.path); len(j.Spans) > 1 {
			out = append(out, j)
		}
	}
	if own > 0 {
		out = append(out, cross(pieces[own-1], pieces[own], false)...)
	}
	if own < len(pieces)-1 {
		out = append(out, cross(pieces[own], pieces[own+1], true)...)
	}
	return out
}

// chain is what stands in one place of message after message around pieces[own].
// It begins and ends in strings of which only an edge is kept.
func chain(pieces []piece, own int, path string) Joint {
	var j Joint
	for i, p := range pieces {
		at := slices.IndexFunc(p.parts, func(s part) bool { return s.path == path })
		if at < 0 {
			continue
		}
		s := p.parts[at]
		switch {
		case s.whole():
			j.add(p.id, s.head, i == own)
		case i < own:
			j = Joint{}
			j.add(p.id, s.tail, false)
		case i > own:
			j.add(p.id, s.head, false)
			return j
		default:
			return around(j, pieces[own+1:], p.id, s, path)
		}
	}
	return j
}

// around joins a long string's head to what comes before it; if nothing does,
// its tail to what follows.
func around(before Joint, later []piece, id string, s part, path string) Joint {
	if len(before.Spans) > 0 {
		before.add(id, s.head, true)
		return before
	}
	var j Joint
	j.add(id, s.tail, true)
	for _, p := range later {
		at := slices.IndexFunc(p.parts, func(o part) bool { return o.path == path })
		if at >= 0 {
			j.add(p.id, p.parts[at].head, false)
			break
		}
	}
	return j
}

// cross joins the end of each string of one message to the beginning of each
// string of the next that stands in another place.
func cross(first, second piece, ownFirst bool) []Joint {
	var out []Joint
	for _, a := range slices.Backward(first.parts) { // what comes last is nearest
		for _, b := range second.parts {
			if a.path == b.path {
				continue
			}
			if len(out) == maxCross {
				return out
			}
			var j Joint
			j.add(first.id, a.end(), ownFirst)
			j.add(second.id, b.head, !ownFirst)
			out = append(out, j)
		}
	}
	return out
}

func (j *Joint) add(id string, text []byte, own bool) {
	from := len(j.Text)
	j.Text = append(j.Text, text...)
	j.Spans = append(j.Spans, Span{ID: id, From: from, To: len(j.Text), Own: own})
}
