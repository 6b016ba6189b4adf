package awk

import (
	"math"
	"strings"
)

// builtin is a function of the language.
type builtin struct {
	least, most int
	run         func(in *interp, args []expr) value
}

func builtinTable() map[string]builtin {
	return map[string]builtin{
		"length": {0, 1, length}, "substr": {2, 3, substr}, "index": {2, 2, index}, "split": {2, 3, split},
		"sub": {2, 3, sub}, "gsub": {2, 3, gsub}, "match": {2, 2, match}, "sprintf": {1, math.MaxInt, sprintf},
		"sin": {1, 1, math1(math.Sin)}, "cos": {1, 1, math1(math.Cos)}, "atan2": {2, 2, atan2}, "exp": {1, 1, math1(math.Exp)},
		"log": {1, 1, math1(logarithm)}, "sqrt": {1, 1, math1(root)}, "int": {1, 1, math1(math.Trunc)},
		"rand": {0, 0, random}, "srand": {0, 1, srand}, "tolower": {1, 1, lower}, "toupper": {1, 1, upper},
		"close": {1, 1, closing}, "system": {1, 1, system}, "fflush": {0, 1, fflush},
	}
}

type builtinCall struct {
	name string
	args []expr
	run  func(in *interp, args []expr) value
}

func (e *builtinCall) eval(in *interp) value { return e.run(in, e.args) }

// argument is the text of one.
func (in *interp) argument(args []expr, i int) string { return in.convert(args[i].eval(in)) }

func math1(fn func(float64) float64) func(*interp, []expr) value {
	return func(in *interp, args []expr) value { return num(fn(args[0].eval(in).number())) }
}

// logarithm and root of what has none are what x86 makes them: minus NaN.
func logarithm(v float64) float64 { return minusNaN(math.Log(v)) }

func root(v float64) float64 { return minusNaN(math.Sqrt(v)) }

func minusNaN(v float64) float64 {
	if v != v {
		return math.Copysign(math.NaN(), -1)
	}
	return v
}

func atan2(in *interp, args []expr) value {
	y := args[0].eval(in).number()
	return num(math.Atan2(y, args[1].eval(in).number()))
}

func length(in *interp, args []expr) value {
	if len(args) == 0 {
		return num(float64(len(in.line())))
	}
	if v, ok := args[0].(*variable); ok {
		if c := v.cell(in); c.arr != nil {
			return num(float64(len(c.arr.items)))
		}
	}
	return num(float64(len(in.argument(args, 0))))
}

// substr counts as mawk's does, which begins a text that begins before 1 at 1,
// and takes as much more as it began before 0.
func substr(in *interp, args []expr) value {
	s := in.argument(args, 0)
	from, n := math.Trunc(args[1].eval(in).number()), math.Inf(1)
	if len(args) > 2 {
		n = math.Trunc(args[2].eval(in).number())
	}
	if from < 0 {
		n -= from
	}
	from = max(from, 1)
	if from != from || n != n || n <= 0 || from > float64(len(s)) {
		return str("")
	}
	end := min(from-1+n, float64(len(s)))
	return str(s[int(from)-1 : int(end)])
}

// index of nothing is 1 in a text and 0 in nothing.
func index(in *interp, args []expr) value {
	s := in.argument(args, 0)
	of := in.argument(args, 1)
	in.through(len(s))
	if s == "" {
		return num(0)
	}
	return num(float64(strings.Index(s, of) + 1))
}

func split(in *interp, args []expr) value {
	s := in.argument(args, 0)
	by := in.splitter(in.text(slotFS))
	if len(args) > 2 {
		by = in.divider(args[2])
	}
	pieces := in.separate(s, by)
	a := in.array(args[1].(*variable).cell(in))
	a.clear(in)
	for i, p := range pieces {
		in.assign(a.at(in, num(float64(i+1)).text("")), fromOutside(p))
	}
	return num(float64(len(pieces)))
}

func (in *interp) divider(e expr) splitter {
	if l, ok := e.(*regexLiteral); ok {
		return splitter{mode: byRegex, re: l.re}
	}
	return in.splitter(in.convert(e.eval(in)))
}

func sub(in *interp, args []expr) value { return substitute(in, args, 1) }

func gsub(in *interp, args []expr) value { return substitute(in, args, mostPieces) }

func substitute(in *interp, args []expr, most int) value {
	re := in.pattern(args[0])
	with := in.argument(args, 1)
	var to lvalue = &field{&constant{num(0)}}
	if len(args) > 2 {
		to = args[2].(lvalue)
	}
	s := in.convert(to.eval(in))
	hits := re.find(s, most, in.pay)
	if len(hits) >= mostPieces {
		panic(plainf("out of memory"))
	}
	if len(hits) == 0 {
		return num(0)
	}
	var out strings.Builder
	from := 0
	for _, m := range hits {
		out.WriteString(s[from:m[0]])
		in.replace(&out, with, s[m[0]:m[1]])
		in.whole(out.Len())
		from = m[1]
	}
	out.WriteString(s[from:])
	to.set(in, str(out.String()))
	return num(float64(len(hits)))
}

// replace writes a replacement, in which & is what was matched.
func (in *interp) replace(out *strings.Builder, with, matched string) {
	for i := 0; i < len(with); i++ {
		switch {
		case with[i] == '\\' && i+1 < len(with) && (with[i+1] == '&' || with[i+1] == '\\'):
			i++
			out.WriteByte(with[i])
		case with[i] == '&':
			out.WriteString(matched)
			in.whole(out.Len())
		default:
			out.WriteByte(with[i])
		}
	}
}

func match(in *interp, args []expr) value {
	s := in.argument(args, 0)
	re := in.pattern(args[1])
	start, size := 0, -1
	if m := re.find(s, 1, in.pay); len(m) > 0 {
		start, size = m[0][0]+1, m[0][1]-m[0][0]
	}
	in.globals[slotRSTART].v, in.globals[slotRLENGTH].v = num(float64(start)), num(float64(size))
	return num(float64(start))
}

func sprintf(in *interp, args []expr) value { return str(in.format("sprintf", args)) }

func random(in *interp, _ []expr) value { return num(in.rng.Float64()) }

func srand(in *interp, args []expr) value {
	old, seed := in.seed, num(float64(in.Now.Unix()))
	if len(args) > 0 {
		seed = args[0].eval(in)
	}
	in.seedWith(seed)
	return old
}

// changeCase changes ASCII letters, as the C locale has it.
func changeCase(s string, from, to byte) value {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= from+25 {
			b[i] = c - from + to
		}
	}
	return str(string(b))
}

func lower(in *interp, args []expr) value {
	s := in.argument(args, 0)
	in.through(len(s))
	return changeCase(s, 'A', 'a')
}

func upper(in *interp, args []expr) value {
	s := in.argument(args, 0)
	in.through(len(s))
	return changeCase(s, 'a', 'A')
}

func closing(in *interp, args []expr) value { return num(float64(in.close(in.argument(args, 0)))) }

func system(in *interp, args []expr) value {
	line := in.argument(args, 0)
	in.flush()
	return num(float64(in.Commands.System(line)))
}

func fflush(in *interp, args []expr) value {
	for i := range args {
		if name := in.argument(args, i); name != "" && name != "/dev/stdout" && in.outputs[name] == nil {
			return num(-1)
		}
	}
	in.flush()
	return num(0)
}

// getline reads a record: of the input, of a file or of a command.
type getline struct {
	into    lvalue
	file    expr
	command expr
}

func (e *getline) eval(in *interp) value {
	line, result := e.read(in)
	if result != 1 {
		return num(result)
	}
	if e.file == nil {
		in.countRecord()
	}
	if e.into != nil {
		e.into.set(in, fromOutside(line))
	} else {
		in.setRecord(fromOutside(line))
	}
	return num(1)
}

func (e *getline) read(in *interp) (line string, result float64) {
	in.step()
	var ok bool
	switch {
	case e.file == nil && e.command == nil:
		line, ok = in.mainLine()
	default:
		from := e.file
		if from == nil {
			from = e.command
		}
		i := in.open(in.convert(from.eval(in)), e.command != nil)
		if i == nil {
			return "", -1
		}
		line, ok = in.read(i)
	}
	if !ok {
		return "", 0
	}
	return line, 1
}
