package match

import "errors"

// ErrUnsupported is what Compile returns for an expression that it can't turn
// into a program. Package regexp can.
var ErrUnsupported = errors.New("expression can't be compiled")

// Program is a compiled expression, immutable and safe for many goroutines.
type Program struct {
	code   []inst
	start  int32
	groups int
	first  lookahead // what a match begins with
	head   *Outlook  // the same for its first bytes; nil: nearly anything
}

// Groups is the number of groups of the expression.
func (p *Program) Groups() int { return p.groups }

// op is a kind of instruction.
type op uint8

const (
	opMatch   op = iota // the end of the expression
	opLiteral           // lit, as it stands
	opFold              // lit, which is lower-case ASCII, in any case
	opClass             // one character of class
	opRun               // min to max characters of class, as many as possible
	opRunSure           // likewise; fewer can't help what follows
	opRunLazy           // likewise, as few as possible
	opSplit             // next, and if that fails alt
	opSave              // note the place in group slot arg
	opAssert            // assertion arg
	opNeed              // the rest of a match needs what the text has to have farther on
)

// Assertions, as values of arg.
const (
	beginText int32 = iota
	endText
	beginLine
	endLine
	wordBoundary
	noWordBoundary
)

// unlimited as inst.max means without end.
const unlimited = 1<<31 - 1

// inst is one instruction; next is where it goes on.
type inst struct {
	op       op
	next     int32
	alt      int32
	arg      int32
	min, max int32
	class    *class
	lit      string
	need     *need
	ahead    *lookahead // of a split and a run: what next can begin with
	other    *lookahead // of a split: what alt can begin with; of a lazy run: what it passes
}

// lookahead is what can stand at a place from which the rest of the expression
// matches: a byte of the set, or the end of the text.
type lookahead struct {
	bytes set
	end   bool
}

func (l *lookahead) allows(text []byte, i int) bool {
	if i < len(text) {
		return l.bytes.has(text[i])
	}
	return l.end
}

func (l *lookahead) join(m lookahead) {
	l.bytes.join(m.bytes)
	l.end = l.end || m.end
}
