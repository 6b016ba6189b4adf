package awk

import (
	"math"
	"strings"
)

// record is $0 and its fields. One of the two is made from the other when it is
// needed.
type record struct {
	zero   value
	fields []value // $1 is the first
	split  bool    // fields are those of zero
	stale  bool    // zero is to be joined from fields
}

func (in *interp) setRecord(v value) {
	in.whole(len(v.s))
	in.zero, in.split, in.stale = v, false, false
}

// line is $0.
func (in *interp) line() string { return in.field(0).text(in.text(slotCONVFMT)) }

func (in *interp) divide() {
	if in.split {
		return
	}
	in.split, in.fields = true, in.fields[:0]
	line := in.convert(in.zero)
	for _, s := range in.separate(line, in.separator()) {
		if len(in.fields) == mostFields {
			panic(runtimef("program limit exceeded: maximum number of fields size=%d", mostFields))
		}
		in.fields = append(in.fields, fromOutside(s))
	}
}

// separator is what divides records; those of paragraphs end at lines too.
func (in *interp) separator() splitter {
	s := in.splitter(in.text(slotFS))
	s.lines = in.text(slotRS) == "" && s.mode != bySpace
	return s
}

// count is NF.
func (in *interp) count() int {
	in.divide()
	return len(in.fields)
}

func (in *interp) setCount(v float64) {
	in.divide()
	n := in.index(v)
	for len(in.fields) < n {
		in.fields = append(in.fields, value{})
	}
	in.fields, in.stale = in.fields[:n], true
}

func (in *interp) fieldNumber(v value) int { return in.index(v.number()) }

func (in *interp) index(v float64) int {
	switch {
	case v < 0:
		panic(runtimef("negative field index $%d", int(max(v, math.MinInt32))))
	case v > mostFields || v != v:
		panic(runtimef("program limit exceeded: maximum number of fields size=%d", mostFields))
	}
	return int(v)
}

func (in *interp) field(i int) value {
	if i == 0 {
		if in.stale {
			in.join()
		}
		return in.zero
	}
	in.divide()
	if i > len(in.fields) {
		return value{}
	}
	return in.fields[i-1]
}

func (in *interp) join() {
	var out strings.Builder
	for i, f := range in.fields {
		if i > 0 {
			out.WriteString(in.text(slotOFS))
		}
		out.WriteString(in.convert(f))
		in.whole(out.Len())
	}
	in.zero, in.stale = fromOutside(out.String()), false
}

func (in *interp) setField(i int, v value) {
	if i == 0 {
		in.setRecord(v)
		return
	}
	in.divide()
	for len(in.fields) < i {
		in.fields = append(in.fields, value{})
	}
	in.fields[i-1], in.stale = v, true
}

// mode is how a string is divided.
type mode byte

const (
	bySpace mode = iota
	byByte
	byRegex
	everyByte
)

type splitter struct {
	mode  mode
	byte  string
	re    *pattern
	lines bool // at line feeds too
}

// splitter reads FS or split's third argument.
func (in *interp) splitter(fs string) splitter {
	switch {
	case fs == " ":
		return splitter{mode: bySpace}
	case fs == "":
		return splitter{mode: everyByte}
	case len(fs) == 1:
		return splitter{mode: byByte, byte: fs}
	}
	return splitter{mode: byRegex, re: in.regex(fs)}
}

// separate divides a string.
func (in *interp) separate(s string, by splitter) (out []string) {
	in.through(len(s))
	if s == "" {
		return nil
	}
	if by.lines {
		by.lines = false
		for l := range strings.SplitSeq(s, "\n") {
			out = append(out, in.separate(l, by)...)
		}
		return out
	}
	switch by.mode {
	case bySpace:
		return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
	case byByte:
		return strings.Split(s, by.byte)
	case everyByte:
		for i := range len(s) {
			out = append(out, s[i:i+1])
		}
		return out
	}
	from := 0
	for _, m := range by.re.find(s, mostPieces, in.pay) {
		if m[1] > m[0] {
			out = append(out, s[from:m[0]])
			from = m[1]
		}
	}
	return append(out, s[from:])
}
