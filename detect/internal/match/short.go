package match

import "strings"

// Short reports whether nothing but the end of the text keeps a match from
// beginning at text[at]: with more behind it there could be one. It may take so
// many steps, as of At, and says no when they do not suffice.
func (m *Machine) Short(p *Program, text []byte, at int, steps int) bool {
	caps := make([]int, 2*(p.groups+1))
	m.wary, m.short = true, false
	matched, left := m.At(p, text, at, caps, steps)
	m.wary = false
	return !matched && left >= 0 && m.short
}

// wants says whether an instruction that failed at text[i] came as far as the end
// of the text.
func (in *inst) wants(text []byte, i int) bool {
	if i < 0 {
		return false
	}
	rest := text[min(i, len(text)):]
	switch in.op {
	case opLiteral:
		return strings.HasPrefix(in.lit, string(rest[:min(len(rest), len(in.lit))])) && len(rest) < len(in.lit)
	case opFold:
		return len(rest) < len(in.lit) && strings.EqualFold(in.lit[:len(rest)], string(rest))
	case opRun, opRunSure, opRunLazy:
		end, n := in.take(text, i)
		return end == len(text) && n < in.min
	case opClass, opSplit:
		return len(rest) == 0
	}
	return false
}
