package leak

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/detect"
)

// minText is the least length of a string that is scanned by itself. Shorter
// ones hold no secret that is known without what stands around it, which is
// what the scan of the raw bytes sees.
const minText = 6

// maxHits bounds the hits of one entry, and with them the rows it leads to.
// What lies behind the last is reported as not scanned.
const maxHits = 4096

// How many bytes may be decoded for one message: a part that lets small ones
// hold something compressed, and a part in proportion to its size. A message is
// scanned whole and string by string, and each of its strings may hold what
// inflates a thousandfold; all of that comes out of one budget.
const (
	budgetAtLeast = 4 << 20
	budgetPerByte = 16
	shownBudget   = 4 << 20 // for excerpts, paths and the like, which are scanned again
)

func budget(size int) int64 { return budgetAtLeast + budgetPerByte*int64(size) }

// hit is a finding in its place in the entry.
type hit struct {
	detect.Finding
	from, to int    // in the entry's data, as the secret is written there
	field    string // path of the string it lies in; empty: in no string of a JSON value
	place    int    // where that string, or else the secret, begins: what occurrences are counted by
	text     []byte // what Finding's offsets count in: the data, or a string's text
	unquoted bool   // found in a string's text, not in the data
}

// examination is all that was found in one message.
type examination struct {
	scanner    *detect.Scanner // for what was delivered; all of it has one budget
	shown      *detect.Scanner // for what is to be recorded, with a budget of its own
	data       []byte
	hits       []hit
	encoded    []detect.Finding // what hits look like encoded, to be hidden wherever it stands
	notScanned []detect.NotScanned
	unwalked   error // why strings were left out; nil when none were
	full       bool  // there is no room for more hits
}

// examine scans the raw bytes, and every key and string at any depth whose text
// is not what stands in the bytes because of escapes. A string without escapes
// is its own bytes, so the first scan has read it.
func examine(s *detect.Scanner, m message) *examination {
	data := m.entry.Data
	x := &examination{scanner: s.Limited(budget(len(data))), shown: s.Limited(shownBudget), data: data}
	for _, f := range x.scan(x.data) {
		x.hits = append(x.hits, hit{Finding: f, from: int(f.Start), to: int(f.End), place: int(f.Start), text: x.data})
	}
	if startsJSON(x.data) && (len(x.hits) > 0 || bytes.IndexByte(x.data, '\\') >= 0) {
		x.walk()
	}
	x.hits = withoutShadows(x.hits)
	x.encoded = encoded(x.hits)
	return x
}

// scan returns the findings of a text as far as hits may still be added, and
// notes what was not looked at, by its place in the text.
func (x *examination) scan(text []byte) []detect.Finding {
	room := maxHits - len(x.hits)
	var found []detect.Finding
	report := x.scanner.Scan(text, func(f detect.Finding) bool {
		found = append(found, f)
		return len(found) < room
	})
	x.notScanned = append(x.notScanned, report.NotScanned...)
	return found
}

func (x *examination) walk() {
	raw := x.hits // in the order of their places, as the strings come
	err := bzzzlog.Walk(x.data, bzzzlog.Limits{}, func(v bzzzlog.Value) bool {
		raw = locate(v, raw)
		if len(v.Text) != v.End-v.Start-2 && len(v.Text) >= minText {
			x.unquote(v)
		}
		return !x.full || len(raw) > 0
	})
	if errors.Is(err, bzzzlog.ErrTooLarge) || errors.Is(err, bzzzlog.ErrTooDeep) || errors.Is(err, bzzzlog.ErrTooWide) {
		x.unwalked = err
	}
}

// locate gives the first of the hits, those that lie in the string, its path;
// it returns those behind it.
func locate(v bzzzlog.Value, hits []hit) []hit {
	for len(hits) > 0 && hits[0].from < v.End {
		if h := &hits[0]; h.from >= v.Start {
			h.field, h.place = pathOf(v), v.Start
		}
		hits = hits[1:]
	}
	return hits
}

// pathOf is the path of a string. One that is too long is not made: every hit
// would hold it.
func pathOf(v bzzzlog.Value) string {
	if v.PathLen() > maxOutside {
		return "…"
	}
	return v.Path().String()
}

// unquote scans a string's text with its escapes undone.
func (x *examination) unquote(v bzzzlog.Value) {
	if len(x.hits) >= maxHits {
		x.fill(v)
		return
	}
	noted := len(x.notScanned)
	findings := x.scan(v.Text)
	for i := range x.notScanned[noted:] {
		n := &x.notScanned[noted+i]
		n.Start, n.End = int64(v.SourceOffset(int(n.Start))), int64(v.SourceOffset(int(n.End)))
	}
	if len(findings) == 0 {
		return
	}
	text, field := bytes.Clone(v.Text), pathOf(v)
	for _, f := range findings {
		x.hits = append(x.hits, hit{
			Finding: f, from: v.SourceOffset(int(f.Start)), to: v.SourceOffset(int(f.End)),
			field: field, place: v.Start, text: text, unquoted: true,
		})
	}
}

// fill notes, once, from where on strings are no longer scanned.
func (x *examination) fill(v bzzzlog.Value) {
	if !x.full {
		x.full = true
		x.notScanned = append(x.notScanned, detect.NotScanned{Start: int64(v.Start), End: int64(len(x.data)), Reason: detect.ReasonStopped})
	}
}

// withoutShadows sorts hits by their place and drops those of the raw bytes
// where the same place was read better with its escapes undone: a private key
// with \n for its line ends is one secret, not two.
func withoutShadows(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.from, b.from) })
	kept := hits[:0:0]
	var clear []hit // unquoted hits that may reach over the next ones
	for i, h := range hits {
		if h.unquoted {
			kept, clear = append(kept, h), append(clear, h)
			continue
		}
		clear = slices.DeleteFunc(clear, func(o hit) bool { return o.to <= h.from })
		over, _ := slices.BinarySearchFunc(hits, h.to, func(o hit, to int) int { return cmp.Compare(o.from, to) })
		ahead := slices.IndexFunc(hits[i+1:max(i+1, over)], func(o hit) bool { return o.unquoted && !weaker(o, h) })
		if ahead < 0 && !slices.ContainsFunc(clear, func(o hit) bool { return !weaker(o, h) }) {
			kept = append(kept, h)
		}
	}
	return kept
}

// weaker says that the unquoted hit o does not stand for the raw hit h though
// they overlap: h knew more of what it found.
func weaker(o, h hit) bool { return o.Rule.Generic && !h.Rule.Generic }

// wipe overwrites the secrets that were found.
func (x *examination) wipe() {
	for _, h := range x.hits {
		h.Secret.Wipe()
	}
	for _, f := range x.encoded {
		f.Secret.Wipe()
	}
}
