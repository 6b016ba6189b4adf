package detect

// prefilter finds every occurrence of many literals in one pass: the automaton
// of Aho and Corasick, "Efficient string matching" (CACM 18, 1975), with all
// failure links resolved into one table. ASCII case is ignored.
type prefilter struct {
	class [256]uint8 // byte -> column
	width int
	next  []uint32  // row start | hitBit
	out   [][]int32 // row -> ids of the literals that end here
	size  []int32   // id -> length of the literal
}

const hitBit = 1 << 31

// newPrefilter builds the automaton; the id of a literal is its index.
func newPrefilter(literals []string) *prefilter {
	p := &prefilter{width: 1}
	for _, lit := range literals {
		p.size = append(p.size, int32(len(lit)))
		p.addClasses(lit)
	}
	p.addRow()
	for id, lit := range literals {
		p.insert(lit, int32(id))
	}
	p.link()
	return p
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func (p *prefilter) addClasses(lit string) {
	for i := range len(lit) {
		if c := lower(lit[i]); p.class[c] == 0 {
			p.class[c] = uint8(p.width)
			p.class[upper(c)] = uint8(p.width)
			p.width++
		}
	}
}

func (p *prefilter) addRow() int {
	row := len(p.next)
	p.next = append(p.next, make([]uint32, p.width)...)
	p.out = append(p.out, nil)
	return row
}

func (p *prefilter) insert(lit string, id int32) {
	row := 0
	for i := range len(lit) {
		cell := row + int(p.class[lower(lit[i])])
		if p.next[cell] == 0 {
			row = p.addRow()
			p.next[cell] = uint32(row)
			continue
		}
		row = int(p.next[cell])
	}
	p.out[row/p.width] = append(p.out[row/p.width], id)
}

// link walks the trie breadth first and fills every empty cell with where the
// failure link would lead.
func (p *prefilter) link() {
	fail := make([]uint32, len(p.out))
	queue := []uint32{0}
	for len(queue) > 0 {
		row := queue[0]
		queue = queue[1:]
		for c := range p.width {
			queue = p.linkCell(row, c, fail, queue)
		}
	}
	for i, row := range p.next {
		if len(p.out[int(row)/p.width]) > 0 {
			p.next[i] |= hitBit
		}
	}
}

func (p *prefilter) linkCell(row uint32, c int, fail, queue []uint32) []uint32 {
	w := uint32(p.width)
	cell := row + uint32(c)
	child := p.next[cell]
	var back uint32
	if row != 0 {
		back = p.next[fail[row/w]+uint32(c)]
	}
	if child == 0 {
		p.next[cell] = back
		return queue
	}
	fail[child/w] = back
	p.out[child/w] = append(p.out[child/w], p.out[back/w]...)
	return append(queue, child)
}

// find calls hit with the id and the start of every literal in text.
func (p *prefilter) find(text []byte, hit func(id int32, start int)) {
	next, class := p.next, &p.class
	var row uint32
	for i, c := range text {
		row = next[row+uint32(class[c])]
		if row&hitBit == 0 {
			continue
		}
		row &^= hitBit
		for _, id := range p.out[int(row)/p.width] {
			hit(id, i+1-int(p.size[id]))
		}
	}
}
