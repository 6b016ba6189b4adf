package inflate

// cursor reads bits, the lowest of a byte first.
type cursor struct {
	b   []byte
	at  int  // byte
	bit uint // of it
}

func (c *cursor) bits(n uint) (uint, error) {
	if uint(len(c.b)-c.at)*8-c.bit < n {
		return 0, errShort
	}
	var v uint
	for i := range n {
		v |= uint(c.b[c.at]>>c.bit&1) << i
		if c.bit++; c.bit == 8 {
			c.at, c.bit = c.at+1, 0
		}
	}
	return v, nil
}

func (c *cursor) align() {
	if c.bit > 0 {
		c.at, c.bit = c.at+1, 0
	}
}

// drop forgets what was read.
func (c *cursor) drop() {
	c.b = append([]byte(nil), c.b[c.at:]...)
	c.at = 0
}

// extended reads a number that a symbol begins and extra bits end.
func (c *cursor) extended(base, extra func(int) int, code int) (int, error) {
	more, err := c.bits(uint(extra(code)))
	return base(code) + int(more), err
}

// The numbers of section 3.2.5 follow a rule each, but for the longest length.
func lengthExtra(code int) int {
	if code < 8 || code == 28 {
		return 0
	}
	return code/4 - 1
}

func lengthBase(code int) int {
	switch {
	case code < 8:
		return code + 3
	case code == 28:
		return 258
	}
	return 3 + (4+code%4)<<(code/4-1)
}

func distanceExtra(code int) int {
	if code < 4 {
		return 0
	}
	return code/2 - 1
}

func distanceBase(code int) int {
	if code < 4 {
		return code + 1
	}
	return 1 + (2+code%2)<<(code/2-1)
}

const longest = 15 // bits of a code

// table is a canonical Huffman code: how many codes have each length, and the
// symbols in the order of their codes.
type table struct {
	count   [longest + 1]uint16
	symbols []uint16
}

// newTable makes a code from the length of each symbol's; 0 is no code. Codes
// that leave some bits without meaning are allowed only for a single symbol.
func newTable(lengths []uint8) (*table, error) {
	t := &table{symbols: make([]uint16, 0, len(lengths))}
	for _, n := range lengths {
		t.count[n]++
	}
	t.count[0] = 0
	left := 1
	for n := 1; n <= longest; n++ {
		if left = left<<1 - int(t.count[n]); left < 0 {
			return nil, ErrCorrupt
		}
		for symbol, l := range lengths {
			if int(l) == n {
				t.symbols = append(t.symbols, uint16(symbol))
			}
		}
	}
	if left > 0 && len(t.symbols) > 1 {
		return nil, ErrCorrupt
	}
	return t, nil
}

// symbol reads one code.
func (c *cursor) symbol(t *table) (uint16, error) {
	code, first, index := 0, 0, 0
	for n := 1; n <= longest; n++ {
		b, err := c.bits(1)
		if err != nil {
			return 0, err
		}
		code |= int(b)
		count := int(t.count[n])
		if code-first < count {
			return t.symbols[index+code-first], nil
		}
		index, first, code = index+count, (first+count)<<1, code<<1
	}
	return 0, ErrCorrupt
}

// fixed are the codes of section 3.2.6.
func fixed() (literals, distances *table) {
	lengths := make([]uint8, 288+30)
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		case i < 288:
			lengths[i] = 8
		}
	}
	literals, _ = newTable(lengths[:288]) // complete by construction
	distances = &table{symbols: make([]uint16, 32)}
	distances.count[5] = 32
	for i := range distances.symbols {
		distances.symbols[i] = uint16(i)
	}
	return literals, distances
}

// tables reads the codes of a block that brings its own.
func (c *cursor) tables() (literals, distances *table, err error) {
	head, err := c.bits(14)
	if err != nil {
		return nil, nil, err
	}
	nl, nd, nc := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if nl > 286 || nd > 30 {
		return nil, nil, ErrCorrupt
	}
	order := [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	var codeLengths [19]uint8
	for _, i := range order[:nc] {
		n, err := c.bits(3)
		if err != nil {
			return nil, nil, err
		}
		codeLengths[i] = uint8(n)
	}
	codes, err := newTable(codeLengths[:])
	if err != nil {
		return nil, nil, err
	}
	lengths, err := c.lengths(codes, nl+nd)
	if err != nil {
		return nil, nil, err
	}
	if literals, err = newTable(lengths[:nl]); err != nil {
		return nil, nil, err
	}
	distances, err = newTable(lengths[nl:])
	return literals, distances, err
}

// lengths reads n lengths of codes, themselves coded.
func (c *cursor) lengths(codes *table, n int) ([]uint8, error) {
	out := make([]uint8, 0, n+138)
	for len(out) < n {
		symbol, err := c.symbol(codes)
		if err != nil {
			return nil, err
		}
		if symbol < 16 {
			out = append(out, uint8(symbol))
			continue
		}
		if out, err = c.run(out, symbol); err != nil {
			return nil, err
		}
	}
	if len(out) > n {
		return nil, ErrCorrupt
	}
	return out, nil
}

// run adds a length several times: 16 the one before, 17 and 18 none.
func (c *cursor) run(out []uint8, symbol uint16) ([]uint8, error) {
	bits, least, value := uint(2), 3, uint8(0)
	switch {
	case symbol == 16 && len(out) == 0:
		return nil, ErrCorrupt
	case symbol == 16:
		value = out[len(out)-1]
	case symbol == 17:
		bits = 3
	default:
		bits, least = 7, 11
	}
	more, err := c.bits(bits)
	for range int(more) + least {
		out = append(out, value)
	}
	return out, err
}
