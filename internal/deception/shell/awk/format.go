package awk

import (
	"math"
	"strconv"
	"strings"
)

// conversion is one % of a format.
type conversion struct {
	flags     string
	width     int
	precision int // -1: none given
	verb      byte
}

// mostPadded bounds what one conversion may be padded to; mawk has a buffer of
// that size.
const mostPadded = 8192

type formatter struct {
	in   *interp
	name string
	form string
	args []expr
	used int
	out  strings.Builder
}

// format is printf and sprintf.
func (in *interp) format(name string, args []expr) string {
	f := &formatter{in: in, name: name, form: in.argument(args, 0), args: args[1:]}
	for rest := f.form; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		f.out.WriteString(before)
		if !found {
			break
		}
		rest = f.convert(after)
		in.whole(f.out.Len())
	}
	return f.out.String()
}

func (f *formatter) arg() value {
	if f.used == len(f.args) {
		panic(runtimef("not enough arguments passed to %s(\"%s\")", f.name, f.form))
	}
	f.used++
	return f.args[f.used-1].eval(f.in)
}

// convert writes the conversion that s begins with, behind its %.
func (f *formatter) convert(s string) (rest string) {
	if strings.HasPrefix(s, "%") {
		f.out.WriteByte('%')
		return s[1:]
	}
	number := f.used + 1
	c := conversion{precision: -1}
	n := len(s) - len(strings.TrimLeft(s, "-+ #0"))
	c.flags, s = s[:n], s[n:]
	c.width, s = f.size(s)
	if c.width < 0 {
		c.flags, c.width = c.flags+"-", -c.width
	}
	if strings.HasPrefix(s, ".") {
		c.precision, s = f.size(s[1:])
	}
	s = strings.TrimLeft(s, "hlL")
	if s == "" || strings.IndexByte("csdioxXueEfFgG", s[0]) < 0 {
		panic(runtimef("improper conversion(number %d) in %s(\"%s\")", number, f.name, f.form))
	}
	c.verb = s[0]
	if c.width > mostPadded || c.precision > mostPadded {
		panic(runtimef("program limit exceeded: sprintf buffer size=%d", mostPadded))
	}
	f.out.WriteString(c.value(f.in, f.arg()))
	return s[1:]
}

// size reads a width or precision.
func (f *formatter) size(s string) (int, string) {
	if strings.HasPrefix(s, "*") {
		return int(max(min(f.arg().number(), mostPadded+1), -mostPadded-1)), s[1:]
	}
	n := digits(s, 0)
	v, err := strconv.Atoi("0" + s[:n])
	if err != nil {
		v = mostPadded + 1
	}
	return v, s[n:]
}

func (c *conversion) has(flag string) bool { return strings.Contains(c.flags, flag) }

func (c *conversion) value(in *interp, v value) string {
	switch c.verb {
	case 'c':
		return c.pad(character(v), false)
	case 's':
		s := in.convert(v)
		if c.precision >= 0 {
			s = s[:min(len(s), c.precision)]
		}
		return c.pad(s, false)
	case 'd', 'i':
		return c.signed(v.number())
	case 'o', 'x', 'X', 'u':
		return c.unsigned(v.number())
	}
	return c.real(v.number())
}

func character(v value) string {
	if v.form == number {
		return string([]byte{byte(int64(max(min(v.n, math.MaxInt32), math.MinInt32)))})
	}
	if v.s == "" {
		return "\x00"
	}
	return v.s[:1]
}

// pad brings a text to its width.
func (c *conversion) pad(s string, zeros bool) string {
	missing := c.width - len(s)
	if missing <= 0 {
		return s
	}
	switch {
	case c.has("-"):
		return s + strings.Repeat(" ", missing)
	case !zeros || !c.has("0"):
		return strings.Repeat(" ", missing) + s
	}
	sign := len(s) - len(strings.TrimLeft(s, "+- "))
	return s[:sign] + strings.Repeat("0", missing) + s[sign:]
}

// sign is what stands before a number that is not negative.
func (c *conversion) sign() string {
	switch {
	case c.has("+"):
		return "+"
	case c.has(" "):
		return " "
	}
	return ""
}

// least fills an integer up to its precision.
func (c *conversion) least(digits string) string {
	if c.precision == 0 && digits == "0" {
		return ""
	}
	return strings.Repeat("0", max(0, c.precision-len(digits))) + digits
}

// signed writes what fits into mawk's integers.
func (c *conversion) signed(n float64) string {
	v := int64(max(min(n, math.MaxInt32), -math.MaxInt32))
	if n != n {
		v = math.MinInt32
	}
	sign := c.sign()
	if v < 0 {
		sign, v = "-", -v
	}
	return c.pad(sign+c.least(strconv.FormatInt(v, 10)), c.precision < 0)
}

func (c *conversion) unsigned(n float64) string {
	v := uint64(max(min(n, math.MaxUint32), 0))
	if n != n {
		v = 0
	}
	s, lead := strconv.FormatUint(v, map[byte]int{'o': 8, 'x': 16, 'X': 16, 'u': 10}[c.verb]), ""
	if c.verb == 'X' {
		s = strings.ToUpper(s)
	}
	s = c.least(s)
	if c.has("#") && v != 0 {
		switch c.verb {
		case 'o':
			lead = "0"
		case 'x', 'X':
			lead = "0" + string(c.verb)
		}
	}
	return c.pad(lead+s, c.precision < 0)
}

func (c *conversion) real(n float64) string {
	if math.IsInf(n, 0) || n != n {
		plain := *c
		plain.flags = strings.ReplaceAll(c.flags, "0", "")
		return plain.pad(floating(c.verb, 0, n, c.sign()), false)
	}
	precision := c.precision
	if precision < 0 {
		precision = 6
	}
	return c.pad(floating(c.verb, precision, n, c.sign()), true)
}

// floating writes a number as C's printf does with %e, %f and %g.
func floating(verb byte, precision int, n float64, sign string) string {
	if math.Signbit(n) {
		sign = "-"
	}
	var s string
	switch n = math.Abs(n); {
	case n != n:
		s = "nan"
	case math.IsInf(n, 0):
		s = "inf"
	case verb|0x20 == 'g':
		s = general(n, max(precision, 1))
	default:
		s = strconv.FormatFloat(n, verb|0x20, precision, 64)
	}
	if verb < 'a' {
		s = strings.ToUpper(s)
	}
	return sign + s
}

// general is %g: the shorter of %e and %f without zeros at the end.
func general(n float64, precision int) string {
	s := strconv.FormatFloat(n, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	if x, _ := strconv.Atoi(exponent); n == 0 || x >= -4 && x < precision {
		return trimZeros(strconv.FormatFloat(n, 'f', max(precision-1-x, 0), 64))
	}
	return trimZeros(mantissa) + "e" + exponent
}

func trimZeros(s string) string {
	if strings.IndexByte(s, '.') < 0 {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// oneNumber writes a number with CONVFMT or OFMT, whose conversion is the first
// in it.
func oneNumber(layout string, n float64) string {
	in := &interp{}
	in.Step = func() error { return nil }
	in.globals = make([]*cell, len(special))
	for i := range in.globals {
		in.globals[i] = &cell{v: str("%.6g")}
	}
	return in.format("sprintf", []expr{&constant{str(layout)}, &constant{num(n)}})
}
