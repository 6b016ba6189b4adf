package pdf

import (
	"fmt"
	"io"
)

// maxRow bounds a row of what a predictor undoes.
const maxRow = 1 << 20

// predictor undoes what made data compress better (7.4.4.4): the filters of PNG
// (RFC 2083, 6), or the differences of TIFF.
type predictor struct {
	r    io.Reader
	png  bool
	near int // bytes to the pixel on the left
	row  []byte
	up   []byte
	left []byte
	err  error
}

// predicted is r with its predictor undone.
func predicted(r io.Reader, param dict) (io.Reader, error) {
	kind := number(param["Predictor"], 1)
	if kind < 2 {
		return r, nil
	}
	colors, bits, columns := number(param["Colors"], 1), number(param["BitsPerComponent"], 8), number(param["Columns"], 1)
	if colors < 1 || colors > 64 || bits < 1 || bits > 16 || columns < 1 || columns > maxRow {
		return nil, fmt.Errorf("its predictor has %d columns of %d times %d bits", columns, colors, bits)
	}
	if kind == 2 && bits != 8 {
		return nil, fmt.Errorf("its predictor works on %d bits", bits)
	}
	size := (columns*colors*bits + 7) / 8
	if size > maxRow {
		return nil, fmt.Errorf("its predictor has rows of %d bytes", size)
	}
	return &predictor{r: r, png: kind >= 10, near: max(1, colors*bits/8), row: make([]byte, size), up: make([]byte, size)}, nil
}

// number is a number of a dictionary.
func number(v value, otherwise int) int {
	n, ok := v.(float64)
	if !ok || n < -1e9 || n > 1e9 {
		return otherwise
	}
	return int(n)
}

func (p *predictor) Read(b []byte) (int, error) {
	for len(p.left) == 0 && p.err == nil {
		p.err = p.next()
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	if n == 0 && len(b) > 0 {
		return 0, p.err
	}
	return n, nil
}

// next reads a row; the last may be short.
func (p *predictor) next() error {
	filter := [1]byte{1} // TIFF's is that of PNG's first: add the left
	if p.png {
		if _, err := io.ReadFull(p.r, filter[:]); err != nil {
			return err
		}
	}
	p.row, p.up = p.up, p.row
	n, err := io.ReadFull(p.r, p.row)
	if err == io.ErrUnexpectedEOF {
		err = nil
	}
	clear(p.row[n:])
	p.undo(filter[0])
	p.left = p.row[:n]
	return err
}

func (p *predictor) undo(filter byte) {
	for i := range p.row {
		var left, corner byte
		if i >= p.near {
			left, corner = p.row[i-p.near], p.up[i-p.near]
		}
		switch filter {
		case 1:
			p.row[i] += left
		case 2:
			p.row[i] += p.up[i]
		case 3:
			p.row[i] += byte((int(left) + int(p.up[i])) / 2)
		case 4:
			p.row[i] += paeth(int(left), int(p.up[i]), int(corner))
		}
	}
}

// paeth is the neighbour that is closest to left + up - corner.
func paeth(left, up, corner int) byte {
	p := left + up - corner
	a, b, c := distance(p, left), distance(p, up), distance(p, corner)
	switch {
	case a <= b && a <= c:
		return byte(left)
	case b <= c:
		return byte(up)
	}
	return byte(corner)
}

func distance(a, b int) int { return max(a-b, b-a) }
