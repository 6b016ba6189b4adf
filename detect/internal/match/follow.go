package match

// This file works out, once a program is whole, what can follow where: so that
// a split need not try what can't match, and a run need not give back what can't
// help.

// look fills in the lookaheads of a program and turns runs into sure ones.
func (p *Program) look() {
	l := &looker{code: p.code, known: make([]lookahead, len(p.code)), done: make([]bool, len(p.code)), shared: map[lookahead]*lookahead{}}
	p.first = l.at(p.start)
	words := wordBytes()
	for i := range p.code {
		in := &p.code[i]
		switch in.op {
		case opSplit:
			in.ahead, in.other = l.share(l.at(in.next)), l.share(l.at(in.alt))
		case opRun, opRunLazy:
			in.ahead = l.share(l.at(in.next))
			in.other = l.share(lookahead{bytes: in.class.only().without(in.ahead.bytes)})
			r := run{code: p.code, bytes: in.class.bytes(), some: in.min > 0, words: words, steps: 256}
			if in.op == opRun && r.hopeless(in.next) {
				in.op = opRunSure
			}
		}
	}
}

// looker works out lookaheads; known holds them for the instructions done.
type looker struct {
	code   []inst
	known  []lookahead
	done   []bool
	shared map[lookahead]*lookahead
}

// share returns the one copy of a lookahead: a program has few that differ.
func (l *looker) share(a lookahead) *lookahead {
	if l.shared[a] == nil {
		l.shared[a] = &a
	}
	return l.shared[a]
}

func (l *looker) at(pc int32) lookahead {
	if !l.done[pc] {
		l.known[pc] = l.find(&l.code[pc])
		l.done[pc] = true
	}
	return l.known[pc]
}

func (l *looker) find(in *inst) lookahead {
	switch in.op {
	case opMatch:
		return lookahead{everyByte(), true}
	case opLiteral, opFold:
		return lookahead{bytes: in.firstBytes()}
	case opClass:
		return lookahead{bytes: in.class.bytes()}
	case opRun, opRunSure, opRunLazy:
		ahead := lookahead{bytes: in.class.bytes()}
		if in.min == 0 {
			ahead.join(l.at(in.next))
		}
		return ahead
	case opSplit:
		ahead := l.at(in.next)
		ahead.join(l.at(in.alt))
		return ahead
	case opAssert:
		if in.arg == endText {
			return lookahead{end: l.at(in.next).end}
		}
	}
	return l.at(in.next)
}

// firstBytes are those that a literal begins with.
func (in *inst) firstBytes() (s set) {
	b := in.lit[0]
	s.add(b)
	if in.op == opFold && b >= 'a' && b <= 'z' {
		s.add(b - 'a' + 'A')
		if other := foldsTo(b); other != "" {
			s.add(other[0])
		}
	}
	return s
}

// foldsTo is the character beyond ASCII that equals a letter in another case:
// the sign of the unit kelvin and the long s.
func foldsTo(b byte) string {
	switch b {
	case 'k':
		return "\u212a"
	case 's':
		return "\u017f"
	}
	return ""
}

// run is a repetition of one class, of which it is asked what would happen if
// it were shorter: a character of the class would come next.
type run struct {
	code  []inst
	bytes set
	some  bool // at least one character is taken
	words set
	steps int
}

// hopeless says that from pc on nothing matches where a character of the run
// comes next, and has one before it if some is set, unless it matched at the
// end of the whole run too.
func (r *run) hopeless(pc int32) bool {
	if r.steps--; r.steps < 0 {
		return false
	}
	in := &r.code[pc]
	switch in.op {
	case opMatch:
		return true
	case opSave, opNeed:
		return r.hopeless(in.next)
	case opSplit:
		return r.hopeless(in.next) && r.hopeless(in.alt)
	case opLiteral, opFold:
		return r.bytes.disjoint(in.firstBytes())
	case opClass:
		return r.bytes.disjoint(in.class.bytes())
	case opRun, opRunSure, opRunLazy:
		return r.bytes.disjoint(in.class.bytes()) && (in.min > 0 || r.hopeless(in.next))
	}
	return r.refuses(in.arg)
}

// refuses says that an assertion does not hold inside the run.
func (r *run) refuses(assertion int32) bool {
	switch assertion {
	case endText:
		return true
	case endLine:
		return !r.bytes.has('\n')
	case wordBoundary:
		var others set
		for i := range others {
			others[i] = ^r.words[i]
		}
		return r.some && (r.bytes.disjoint(r.words) || r.bytes.disjoint(others))
	}
	return false
}
