package match

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// maxCode bounds a program; repetitions are written out.
const maxCode = 1 << 15

// Compile returns a program that matches what regexp.MustCompile(expr) matches
// at a given place, ErrUnsupported if it can't be had, or the error that
// regexp.Compile gives.
func Compile(expr string) (*Program, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	p, err := CompileTree(tree)
	if err == nil {
		p.head = p.outlooks([]string{""})[0]
	}
	return p, err
}

// CompileTree is Compile for an expression that syntax.Parse has read with
// syntax.Perl. It does not change the tree.
func CompileTree(tree *syntax.Regexp) (*Program, error) {
	c := &compiler{classes: map[string]*class{}}
	end := c.emit(inst{op: opMatch})
	start := c.lowerWhole(tree, end)
	if c.failed || len(c.code) > maxCode {
		return nil, ErrUnsupported
	}
	p := &Program{code: c.code, start: start, groups: tree.MaxCap()}
	p.look()
	return p, nil
}

// compiler writes a program from its end to its beginning, so that every part
// knows what follows it.
type compiler struct {
	code    []inst
	classes map[string]*class
	failed  bool
}

func (c *compiler) emit(in inst) int32 {
	if len(c.code) > maxCode {
		c.failed = true
		return 0
	}
	c.code = append(c.code, in)
	return int32(len(c.code) - 1)
}

// lowerWhole is lower for an expression as a whole. What it needs is looked for
// before its first part that may take long.
func (c *compiler) lowerWhole(re *syntax.Regexp, next int32) int32 {
	if re.Op != syntax.OpConcat {
		return c.lower(re, next)
	}
	first := slices.IndexFunc(re.Sub, loose)
	for i := len(re.Sub) - 1; i >= 0; i-- {
		next = c.lower(re.Sub[i], next)
		if i != first {
			continue
		}
		if n := needInRow(re.Sub[i:]); n.count > 0 && n.high-n.low > slack {
			next = c.emit(inst{op: opNeed, need: &n, next: next})
		}
	}
	return next
}

// lower emits re, followed by next, and returns where it begins.
func (c *compiler) lower(re *syntax.Regexp, next int32) int32 {
	if c.failed {
		return 0
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return next
	case syntax.OpLiteral:
		return c.literal(re, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return c.emit(inst{op: opClass, class: c.classOf(re), next: next})
	case syntax.OpCapture:
		closing := c.emit(inst{op: opSave, arg: int32(2*re.Cap + 1), next: next})
		return c.emit(inst{op: opSave, arg: int32(2 * re.Cap), next: c.lower(re.Sub[0], closing)})
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			next = c.lower(re.Sub[i], next)
		}
		return next
	case syntax.OpAlternate:
		return c.alternate(re.Sub, next)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return c.repeat(re, next)
	}
	return c.assertion(re.Op, next)
}

func (c *compiler) assertion(o syntax.Op, next int32) int32 {
	kinds := map[syntax.Op]int32{
		syntax.OpBeginText: beginText, syntax.OpEndText: endText, syntax.OpBeginLine: beginLine, syntax.OpEndLine: endLine,
		syntax.OpWordBoundary: wordBoundary, syntax.OpNoWordBoundary: noWordBoundary,
	}
	kind, ok := kinds[o]
	if !ok {
		c.failed = true
		return 0
	}
	return c.emit(inst{op: opAssert, arg: kind, next: next})
}

// literal emits a string as one instruction where its bytes tell it, else letter
// by letter.
func (c *compiler) literal(re *syntax.Regexp, next int32) int32 {
	if len(re.Rune) == 0 {
		return next
	}
	fold := re.Flags&syntax.FoldCase != 0
	if o, s, ok := plainLiteral(re.Rune, fold); ok {
		return c.emit(inst{op: o, lit: s, next: next})
	}
	for i := len(re.Rune) - 1; i >= 0; i-- {
		next = c.emit(inst{op: opClass, class: letter(re.Rune[i], fold), next: next})
	}
	return next
}

// plainLiteral says how a literal is compared byte by byte. U+FFFD is not: it
// stands for any byte that is no UTF-8.
func plainLiteral(runes []rune, fold bool) (op, string, bool) {
	cased := false
	b := make([]byte, 0, len(runes))
	for _, r := range runes {
		if r == utf8.RuneError || fold && r >= utf8.RuneSelf {
			return 0, "", false
		}
		letter := r|0x20 >= 'a' && r|0x20 <= 'z'
		if cased = cased || fold && letter; fold && letter {
			r |= 0x20
		}
		b = utf8.AppendRune(b, r)
	}
	if cased {
		return opFold, string(b), true
	}
	return opLiteral, string(b), true
}

// alternate emits the alternatives in their order.
func (c *compiler) alternate(subs []*syntax.Regexp, next int32) int32 {
	at := c.lower(subs[len(subs)-1], next)
	for i := len(subs) - 2; i >= 0; i-- {
		at = c.split(c.lower(subs[i], next), at)
	}
	return at
}

func (c *compiler) split(first, second int32) int32 {
	return c.emit(inst{op: opSplit, next: first, alt: second})
}

// repeat emits a repetition: of one character as a run, else written out.
func (c *compiler) repeat(re *syntax.Regexp, next int32) int32 {
	low, high := bounds(re)
	lazy := re.Flags&syntax.NonGreedy != 0
	sub := re.Sub[0]
	if _, ok := single(sub); ok {
		o := opRun
		if lazy {
			o = opRunLazy
		}
		return c.emit(inst{op: o, class: c.classOf(sub), min: low, max: high, next: next})
	}
	if high == unlimited {
		next = c.loop(sub, lazy, next)
		high = low
	}
	for done := next; high > low; high-- {
		next = c.either(lazy, c.lower(sub, next), done)
	}
	for ; low > 0; low-- {
		next = c.lower(sub, next)
	}
	return next
}

// either goes on with body or, if lazy rather, with done.
func (c *compiler) either(lazy bool, body, done int32) int32 {
	if lazy {
		return c.split(done, body)
	}
	return c.split(body, done)
}

// loop emits sub any number of times. What can be empty is left to package
// regexp, which knows how often nothing is something.
func (c *compiler) loop(sub *syntax.Regexp, lazy bool, next int32) int32 {
	if nullable(sub) {
		c.failed = true
		return 0
	}
	head := c.split(0, 0)
	body := c.lower(sub, head)
	if c.failed {
		return 0
	}
	c.code[head].next, c.code[head].alt = body, next
	if lazy {
		c.code[head].next, c.code[head].alt = next, body
	}
	return head
}

func bounds(re *syntax.Regexp) (low, high int32) {
	switch re.Op {
	case syntax.OpStar:
		return 0, unlimited
	case syntax.OpPlus:
		return 1, unlimited
	case syntax.OpQuest:
		return 0, 1
	}
	if re.Max < 0 {
		return int32(re.Min), unlimited
	}
	return int32(re.Min), int32(re.Max)
}

// nullable says whether re can match nothing.
func nullable(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return nullable(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || nullable(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !nullable(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if nullable(sub) {
				return true
			}
		}
		return false
	}
	return true
}

// classOf shares classes that hold the same characters.
func (c *compiler) classOf(re *syntax.Regexp) *class {
	key := fmt.Sprint(re.Op, re.Flags&syntax.FoldCase, re.Rune)
	if found, ok := c.classes[key]; ok {
		return found
	}
	made, ok := single(re)
	if !ok {
		c.failed = true
		return nil
	}
	c.classes[key] = made
	return made
}
