package pdf

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// font tells which characters the codes of a string stand for, and how wide they
// are.
type font struct {
	wide   bool // codes have two bytes
	utf16  bool // codes are UTF-16
	chars  map[uint32]string
	widths map[uint32]float64 // in thousandths of the font's size
	usual  float64            // width of the others; negative when it is not known
	steps  int                // codes that tables were spread over
	left   *int               // how many more those of all fonts may be
}

const maxFonts = 4096

// plain stands for a font that is not there: its codes are ASCII.
func plain() *font { return &font{usual: -1} }

// font reads one; fonts that are referred to are read once.
func (f *File) font(v value) *font {
	r, isRef := v.(ref)
	if known := f.fonts[int(r)]; isRef && known != nil {
		return known
	}
	d := f.dict(v)
	if d == nil || len(f.fonts) >= maxFonts {
		return plain()
	}
	out := f.readFont(d)
	if isRef {
		f.fonts[int(r)] = out
	}
	return out
}

func (f *File) readFont(d dict) *font {
	out := &font{usual: -1, left: &f.codes, chars: map[uint32]string{}, widths: map[uint32]float64{}}
	if d["Subtype"] == name("Type0") {
		f.composite(out, d)
	} else {
		f.simple(out, d)
	}
	if s := f.streamOf(d["ToUnicode"]); s != nil {
		sd, _ := f.value(s).(dict)
		data, err := f.decoded(s, sd, residentStream)
		if err != nil {
			f.note(partName(s), err)
		}
		out.cmap(data)
	}
	return out
}

// simple reads a font with codes of one byte (9.6).
func (f *File) simple(out *font, d dict) {
	encoding := f.dict(d["Encoding"])
	code := 0
	differences, _ := f.resolve(encoding["Differences"]).(array)
	for _, v := range differences {
		switch v := f.resolve(v).(type) {
		case float64:
			code = int(v)
		case name:
			out.chars[uint32(code&0xff)] = glyph(string(v), code)
			code++
		}
	}
	first := number(f.resolve(d["FirstChar"]), 0)
	widths, _ := f.resolve(d["Widths"]).(array)
	for i, v := range widths[:min(len(widths), 256)] {
		if w, ok := f.resolve(v).(float64); ok {
			out.widths[uint32((first+i)&0xff)] = w
		}
	}
	if d["Subtype"] == name("Type3") { // measured in a system of its own
		clear(out.widths)
	}
}

// composite reads a font with codes of two bytes (9.7).
func (f *File) composite(out *font, d dict) {
	out.wide = true
	encoding, _ := f.resolve(d["Encoding"]).(name)
	out.utf16 = strings.Contains(string(encoding), "UTF16") || strings.Contains(string(encoding), "UCS2")
	all := f.list(d["DescendantFonts"])
	if len(all) == 0 {
		return
	}
	below := f.dict(all[0])
	out.usual = 1000
	if w, ok := f.resolve(below["DW"]).(float64); ok {
		out.usual = w
	}
	widths, _ := f.resolve(below["W"]).(array)
	f.cidWidths(out, widths)
}

// What the tables of one font may come to, and those of all fonts of a file. What
// is beyond is not known, and told as such when it is shown.
const (
	maxCodes = 1 << 17
	allCodes = 1 << 20
)

// step counts one code.
func (t *font) step() bool {
	if t.steps++; t.steps > maxCodes || *t.left == 0 {
		return false
	}
	*t.left--
	return true
}

// cidWidths reads "first [w w w]" and "first last w" (9.7.4.3).
func (f *File) cidWidths(out *font, all array) {
	for len(all) >= 2 && out.steps < maxCodes {
		from := number(f.resolve(all[0]), -1)
		second := f.resolve(all[1])
		if list, ok := second.(array); ok {
			for i, v := range list {
				if !out.step() {
					return
				}
				w, _ := f.resolve(v).(float64)
				out.widths[uint32(from+i)] = w
			}
			all = all[2:]
			continue
		}
		if len(all) < 3 {
			return
		}
		w, _ := f.resolve(all[2]).(float64)
		for c := from; c <= number(second, -1) && out.step(); c++ {
			out.widths[uint32(c)] = w
		}
		all = all[3:]
	}
}

// cmap reads a mapping of codes to text (9.10.3).
func (t *font) cmap(data []byte) {
	p := &parser{data: data}
	var operands []value
	for {
		v, err := p.next()
		if err != nil {
			return
		}
		switch v {
		case word("endcodespacerange"):
			if code, ok := last(operands).(text); ok {
				t.wide = len(code) > 1
			}
		case word("endbfchar"):
			t.single(operands)
		case word("endbfrange"):
			t.ranges(operands)
		}
		if _, operator := v.(word); operator || len(operands) > maxItems {
			operands = operands[:0]
			continue
		}
		operands = append(operands, v)
	}
}

func last(all []value) value {
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// single takes pairs of a code and its text.
func (t *font) single(all []value) {
	for ; len(all) >= 2; all = all[2:] {
		from, ok := all[0].(text)
		to, ok2 := all[1].(text)
		if ok && ok2 && t.step() {
			t.chars[code(from)] = string(fromUTF16(to))
		}
	}
}

// ranges takes a first and a last code with the text of the first, or with a list
// of all texts.
func (t *font) ranges(all []value) {
	for ; len(all) >= 3; all = all[3:] {
		from, ok := all[0].(text)
		to, ok2 := all[1].(text)
		if !ok || !ok2 {
			continue
		}
		for c, i := code(from), 0; c <= code(to) && t.step(); c, i = c+1, i+1 {
			switch target := all[2].(type) {
			case text:
				t.chars[c] = plus(target, i)
			case array:
				if i >= len(target) {
					break
				}
				if one, ok := target[i].(text); ok {
					t.chars[c] = string(fromUTF16(one))
				}
			}
		}
	}
}

// plus is the text whose last UTF-16 unit is greater by n.
func plus(t text, n int) string {
	if len(t) < 2 {
		return ""
	}
	next := append(text{}, t...)
	unit := int(next[len(next)-2])<<8 + int(next[len(next)-1]) + n
	next[len(next)-2], next[len(next)-1] = byte(unit>>8), byte(unit)
	return string(fromUTF16(next))
}

func code(b []byte) (n uint32) {
	for _, c := range b[:min(len(b), 4)] {
		n = n<<8 | uint32(c)
	}
	return n
}

// next takes a code off a string.
func (t *font) next(b text) (c uint32, rest text) {
	if t.wide && len(b) > 1 {
		return code(b[:2]), b[2:]
	}
	return uint32(b[0]), b[1:]
}

// char is the text of a code, "" when nothing tells it. Of fonts that don't say,
// codes of one byte are Latin-1, which all encodings of text share where it is
// ASCII.
func (t *font) char(c uint32) string {
	if s, ok := t.chars[c]; ok {
		return s
	}
	if t.utf16 || !t.wide && c >= ' ' {
		return string(rune(c))
	}
	return ""
}

// width is the width of a code in thousandths, if it is known.
func (t *font) width(c uint32) (float64, bool) {
	if w, ok := t.widths[c]; ok {
		return w, true
	}
	return t.usual, t.usual >= 0
}

// glyph is the text of a glyph's name (Adobe Glyph List Specification, 6). Names
// that only number the glyphs of a font stand for nothing: "".
func glyph(s string, code int) string {
	s, _, _ = strings.Cut(s, ".")
	if len(s) == 1 {
		return s
	}
	if i := strings.Index(glyphNames, " "+s+"="); i >= 0 {
		r, _ := utf8.DecodeRuneInString(glyphNames[i+len(s)+2:])
		return string(r)
	}
	if digits, ok := strings.CutPrefix(s, "uni"); ok && len(digits) == 4 {
		return hexRune(digits)
	}
	if digits, ok := strings.CutPrefix(s, "u"); ok && len(digits) >= 4 && len(digits) <= 6 {
		return hexRune(digits)
	}
	if strings.TrimLeft(strings.TrimLeft(s, "cidgaGCIDA"), "0123456789") == "" {
		return ""
	}
	return string(utf8.RuneError)
}

func hexRune(digits string) string {
	n, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		return string(utf8.RuneError)
	}
	return string(rune(n))
}

// glyphNames are those of the characters that are no letters, and of ligatures by
// their first letter's neighbourhood.
const glyphNames = " space=  exclam=! quotedbl=\" numbersign=# dollar=$ percent=% ampersand=& quotesingle=' quoteright=' parenleft=( parenright=)" +
	" asterisk=* plus=+ comma=, hyphen=- minus=- period=. slash=/ zero=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9" +
	" colon=: semicolon=; less=< equal== greater=> question=? at=@ bracketleft=[ backslash=\\ bracketright=] asciicircum=^ underscore=_" +
	" grave=` quoteleft=` braceleft={ bar=| braceright=} asciitilde=~ endash=- emdash=- nbspace=  sfthyphen=-" +
	" fi=ﬁ fl=ﬂ ff=ﬀ ffi=ﬃ ffl=ﬄ quotedblleft=\" quotedblright=\" "
