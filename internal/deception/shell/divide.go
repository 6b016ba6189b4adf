package shell

import (
	"strings"
)

// field is one word after division: its pieces, to be looked for as a file name.
type field []piece

// divide makes fields of pieces: at IFS where they came from expansions.
// What they take is counted as they are made: an IFS before each character makes many.
func (sh *shell) divide(pieces []piece) ([]field, error) {
	ifs, set := sh.value("IFS")
	if !set {
		ifs = " \t\n"
	}
	d := divider{ifs: ifs, build: sh.build}
	for _, p := range pieces {
		if d.err != nil {
			break
		}
		if p.next {
			d.end()
		}
		if !p.split {
			if p.text != "" || p.empty {
				d.add(p)
			}
			continue
		}
		d.split(p)
	}
	d.end()
	return d.out, d.err
}

type divider struct {
	ifs  string
	out  []field
	now  field
	open bool
	gap  bool // white space of IFS was passed since the last field

	build func(bytes int) error // counts fields
	err   error                 // there is no memory for more
}

// many is how many fields are counted at once.
const many = 256

func (d *divider) add(p piece) {
	d.now = append(d.now, p)
	d.open, d.gap = true, false
}

func (d *divider) end() {
	if d.open {
		d.out = append(d.out, d.now)
		if len(d.out)%many == 0 {
			d.err = d.build(many * fieldCost)
		}
	}
	d.now, d.open = nil, false
}

// split divides the text of a piece. Blanks of IFS run together; each other
// character of it ends a field, together with the blanks around it.
func (d *divider) split(p piece) {
	s := p.text
	begin := 0
	for i := 0; i < len(s) && d.err == nil; i++ {
		if strings.IndexByte(d.ifs, s[i]) < 0 {
			continue
		}
		if i > begin {
			d.add(piece{text: s[begin:i]})
		}
		begin = i + 1
		if blank(s[i]) {
			if d.open {
				d.end()
				d.gap = true
			}
			continue
		}
		if !d.open && !d.gap {
			d.open = true
		}
		d.end()
		d.gap = false
	}
	if begin < len(s) {
		d.add(piece{text: s[begin:]})
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
