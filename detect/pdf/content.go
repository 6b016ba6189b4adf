package pdf

import (
	"bytes"
	"math"
)

// matrix is a transformation (8.3.3): [a b c d e f].
type matrix [6]float64

func identity() matrix { return matrix{1, 0, 0, 1, 0, 0} }

// times is m, then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// state is what q saves and Q restores (8.4, 9.3).
type state struct {
	space       matrix // to the page
	font        *font
	size        float64
	charSpace   float64
	wordSpace   float64
	scale       float64 // horizontal, 1 is as it is
	leading     float64
	text, begin matrix // of the next character, and of its line's begin
}

// page writes the text of one page: its contents, and the forms that they draw.
type page struct {
	file  *File
	out   bytes.Buffer
	now   state
	saved []state
	args  []value
	after place // where the last character ended
	codes int   // that were shown
	lost  int   // of them those that no table tells the text of
	err   error
}

// place is a point on the page; known is false before the first character, and
// where the widths of characters are not known.
type place struct {
	x, y  float64
	shown bool
	known bool
}

const (
	maxSaved = 256
	maxForms = 16 // forms drawn by forms
	maxArgs  = 64
	maxText  = residentStream
)

func newPage(f *File) *page {
	return &page{file: f, now: state{space: identity(), font: plain(), scale: 1, text: identity(), begin: identity()}}
}

// scope is where the names of a content stream lead (7.8.3).
type scope struct {
	file            *File
	resources       dict
	fonts, xobjects dict
	known           map[name]*font
}

func (f *File) scope(resources dict) *scope {
	return &scope{f, resources, f.dict(resources["Font"]), f.dict(resources["XObject"]), map[name]*font{}}
}

// font is the one of that name.
func (s *scope) font(v value) *font {
	n, _ := v.(name)
	known := s.known[n]
	if known == nil {
		known = s.file.font(s.fonts[n])
		s.known[n] = known
	}
	return known
}

// run goes through the operators of a content stream. Of what is broken it passes
// as little as it can.
func (g *page) run(data []byte, s *scope, depth int) {
	p := &parser{data: data}
	g.args = g.args[:0]
	for g.out.Len() < maxText {
		v, err := p.next()
		if err == errEnd {
			return
		}
		op, operator := v.(word)
		switch {
		case err != nil:
			g.fail(err)
		case op == "ID":
			p.image()
		case operator && op != "true" && op != "false" && op != "null":
			g.do(string(op), s, depth)
		case len(g.args) < maxArgs:
			g.args = append(g.args, v)
			continue
		}
		g.args = g.args[:0]
	}
	g.fail(errLarge)
}

func (g *page) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// image passes the data of an inline image (8.9.7), up to EI between white space.
func (p *parser) image() {
	for p.at < len(p.data) {
		i := bytes.Index(p.data[p.at:], []byte("EI"))
		if i < 0 {
			p.at = len(p.data)
			return
		}
		i += p.at
		p.at = i + 2
		if isSpace(p.data[i-1]) && (p.at == len(p.data) || isSpace(p.data[p.at])) {
			return
		}
	}
}

// do is one operator.
func (g *page) do(op string, names *scope, depth int) {
	switch op {
	case "q":
		if len(g.saved) < maxSaved {
			g.saved = append(g.saved, g.now)
		}
	case "Q":
		if n := len(g.saved); n > 0 {
			g.now, g.saved = g.saved[n-1], g.saved[:n-1]
		}
	case "cm":
		g.now.space = g.matrix().times(g.now.space)
	case "Do":
		g.form(names, depth)
	case "Tf":
		g.now.size = g.number(1)
		g.now.font = names.font(g.arg(0))
	default:
		g.doText(op)
	}
}

// doText is one of the operators of text (9.3, 9.4).
func (g *page) doText(op string) {
	s := &g.now
	switch op {
	case "BT":
		s.text, s.begin = identity(), identity()
	case "Tc":
		s.charSpace = g.number(0)
	case "Tw":
		s.wordSpace = g.number(0)
	case "Tz":
		s.scale = g.number(0) / 100
	case "TL":
		s.leading = g.number(0)
	case "Td":
		s.line(g.number(0), g.number(1))
	case "TD":
		s.leading = -g.number(1)
		s.line(g.number(0), g.number(1))
	case "Tm":
		s.begin = g.matrix()
		s.text = s.begin
	case "T*":
		s.line(0, -s.leading)
	case "Tj":
		g.show(g.arg(0))
	case "TJ":
		g.showAll()
	case "'":
		s.line(0, -s.leading)
		g.show(g.arg(0))
	case `"`:
		s.wordSpace, s.charSpace = g.number(0), g.number(1)
		s.line(0, -s.leading)
		g.show(g.arg(2))
	}
}

// line moves to where a line begins, counted from where the last began.
func (s *state) line(x, y float64) {
	s.begin = matrix{1, 0, 0, 1, x, y}.times(s.begin)
	s.text = s.begin
}

func (g *page) arg(i int) value {
	if i < len(g.args) {
		return g.args[i]
	}
	return nil
}

func (g *page) number(i int) float64 {
	n, _ := g.arg(i).(float64)
	return n
}

func (g *page) matrix() matrix {
	var m matrix
	for i := range m {
		m[i] = g.number(i)
	}
	return m
}

func (g *page) showAll() {
	all, _ := g.arg(0).(array)
	for _, v := range all {
		if n, ok := v.(float64); ok {
			g.now.text = matrix{1, 0, 0, 1, -n / 1000 * g.now.size * g.now.scale, 0}.times(g.now.text)
			continue
		}
		g.show(v)
	}
}

// show writes the characters of a string, and moves on by their widths. Before
// them it writes what the way from the last ones stands for.
func (g *page) show(v value) {
	s, ok := v.(text)
	if !ok || len(s) == 0 {
		return
	}
	if g.after.shown {
		g.gap()
	}
	at := &g.now
	known, along := true, 0.0
	for len(s) > 0 {
		c, rest := at.font.next(s)
		g.put(at.font.char(c))
		w, ok := at.font.width(c)
		known = known && ok
		along += w/1000*at.size + at.charSpace
		if len(s)-len(rest) == 1 && c == ' ' {
			along += at.wordSpace
		}
		s = rest
	}
	at.text = matrix{1, 0, 0, 1, along * at.scale, 0}.times(at.text)
	p := at.text.times(at.space)
	g.after = place{p[4], p[5], true, known}
}

func (g *page) put(char string) {
	g.codes++
	if char == "" {
		g.lost++
	}
	g.out.WriteString(char)
}

// What counts as a gap, in sizes of the font: less is kerning.
const (
	newLine  = 0.4
	newWord  = 0.2
	backward = 1.0
)

func (g *page) gap() {
	m := g.now.text.times(g.now.space)
	length := math.Hypot(m[0], m[1])
	size := length * math.Abs(g.now.size)
	if size == 0 || math.IsNaN(size) {
		return
	}
	dx, dy := m[4]-g.after.x, m[5]-g.after.y
	along, across := (dx*m[0]+dy*m[1])/length/size, (dy*m[0]-dx*m[1])/length/size
	switch {
	case math.Abs(across) > newLine, along < -backward && g.after.known:
		g.separate('\n')
	case along > newWord && g.after.known:
		g.separate(' ')
	}
}

func (g *page) separate(c byte) {
	b := g.out.Bytes()
	if n := len(b); n > 0 && b[n-1] != c && b[n-1] != '\n' {
		g.out.WriteByte(c)
	}
}

// form writes what a form draws (8.10). Each form is written once, wherever it is
// drawn again: what it says is known then, and forms cannot multiply.
func (g *page) form(names *scope, depth int) {
	n, ok := g.arg(0).(name)
	if !ok || depth >= maxForms {
		return
	}
	f := g.file
	o := f.streamOf(names.xobjects[n])
	if o == nil || f.drawn[o] {
		return
	}
	d, _ := f.value(o).(dict)
	if d["Subtype"] != name("Form") {
		return
	}
	f.drawn[o] = true
	data, err := f.decoded(o, d, residentStream)
	if err != nil {
		g.fail(err)
	}
	if own := f.dict(d["Resources"]); own != nil {
		names = f.scope(own)
	}
	before, args := g.now, g.args
	g.args = nil
	g.run(data, names, depth+1)
	g.now, g.args = before, args
}
