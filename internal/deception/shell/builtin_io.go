package shell

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// write prints a builtin's output; what goes wrong is told as bash tells it.
func (sh *shell) write(who, s string) int {
	if _, err := io.WriteString(sh.out(), s); err != nil && sh.ctx.Err() == nil {
		if sh.dash {
			sh.errorf("%s: I/O error", who)
		} else {
			sh.errorf("%s: write error: %s", who, reason(err))
		}
		return 1
	}
	return 0
}

func (sh *shell) biEcho(args []string) int {
	rest := args[1:]
	newline, escaped := true, sh.dash || sh.shopts.on("xpg_echo")
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		if sh.dash && rest[0] != "-n" || strings.Trim(rest[0][1:], "neE") != "" {
			break
		}
		for _, c := range rest[0][1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escaped = true
			case 'E':
				escaped = false
			}
		}
		rest = rest[1:]
	}
	text := joined(rest)
	if escaped {
		cut := false
		if text, cut = escapes(text, true); cut {
			newline = false
		}
	}
	if newline {
		text += "\n"
	}
	return sh.write("echo", text)
}

func (sh *shell) biPrintf(args []string) int {
	rest, into := args[1:], ""
	if len(rest) > 1 && rest[0] == "-v" && !sh.dash {
		into, rest = rest[1], rest[2:]
	} else if len(rest) > 0 && strings.HasPrefix(rest[0], "-v") && len(rest[0]) > 2 && !sh.dash {
		into, rest = rest[0][2:], rest[1:]
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		fmt.Fprintln(sh.err(), "printf: usage: printf [-v var] format [arguments]")
		return 2
	}
	f := &formatter{sh: sh, args: rest[1:]}
	f.run(rest[0])
	if into != "" {
		name, key, _ := subscript(into)
		if err := sh.setIn(nil, name, key, f.out.String(), false); err != nil {
			return 1
		}
		return f.status
	}
	if f.out.Len() > 0 {
		if s := sh.write("printf", f.out.String()); s != 0 {
			return s
		}
	}
	return f.status
}

// formatter is one printf.
type formatter struct {
	sh   *shell
	out  strings.Builder
	args []string
	used bool
	stop bool

	counted int // bytes of out

	status int
}

// mostPrinted is how much one printf gives.
const mostPrinted = 8 << 20

func (f *formatter) run(format string) {
	for {
		before := len(f.args)
		f.once(format)
		if f.stop || len(f.args) == 0 || len(f.args) == before || f.out.Len() > mostPrinted || !f.sh.step() {
			return
		}
	}
}

func (f *formatter) next() (string, bool) {
	if len(f.args) == 0 {
		return "", false
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a, true
}

func (f *formatter) once(format string) {
	for i := 0; i < len(format) && !f.stop && f.out.Len() <= mostPrinted && f.fits(); {
		switch {
		case format[i] == '\\' && i+1 < len(format):
			i += 1 + escapePrintf(&f.out, format[i+1:])
		case format[i] == '%':
			i += f.verb(format[i:])
		default:
			f.out.WriteByte(format[i])
			i++
		}
	}
}

// fits counts what the text takes by now.
func (f *formatter) fits() bool {
	grown := f.out.Cap() - f.counted
	f.counted += grown
	return grown == 0 || f.sh.build(grown) == nil
}

func escapePrintf(b *strings.Builder, s string) int {
	if s[0] >= '0' && s[0] <= '7' {
		return octalEscape(b, s, 3)
	}
	if s[0] == '"' || s[0] == '\'' || s[0] == '?' {
		b.WriteByte(s[0])
		return 1
	}
	return escape(b, s, true)
}

// verb does one conversion and returns how long it is.
func (f *formatter) verb(s string) int {
	if strings.HasPrefix(s, "%%") {
		f.out.WriteByte('%')
		return 2
	}
	i := 1
	for i < len(s) && strings.IndexByte("-+ #0'", s[i]) >= 0 {
		i++
	}
	flags := s[1:i]
	width, i := f.count(s, i)
	precision, hasPrecision := 0, false
	if i < len(s) && s[i] == '.' {
		hasPrecision = true
		precision, i = f.count(s, i+1)
	}
	for i < len(s) && strings.IndexByte("hlLjzt", s[i]) >= 0 {
		i++
	}
	if width < 0 {
		flags, width = flags+"-", -width
	}
	spec := "%" + strings.ReplaceAll(flags, "'", "")
	if width > 0 {
		spec += itoa(min(width, mostPrinted/8))
	}
	if hasPrecision && precision >= 0 {
		spec += "." + itoa(min(precision, mostPrinted/8))
	}
	if i >= len(s) {
		f.sh.errorf("printf: `%s': missing format character", s)
		f.status, f.stop = 1, true
		return len(s)
	}
	if s[i] == '(' {
		return f.date(s, i, spec)
	}
	f.convert(spec, s[i], flags)
	return i + 1
}

func (f *formatter) count(s string, i int) (int, int) {
	if i < len(s) && s[i] == '*' {
		a, _ := f.next()
		return atoi(a), i + 1
	}
	begin := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return atoi(s[begin:i]), i
}

func (f *formatter) convert(spec string, verb byte, flags string) {
	switch verb {
	case 's', 'b', 'q', 'c':
		f.text(spec, verb)
	case 'd', 'i':
		a, _ := f.next()
		fmt.Fprintf(&f.out, zeroPad(spec)+"d", f.integer(a))
	case 'u':
		a, _ := f.next()
		fmt.Fprintf(&f.out, spec+"d", uint64(f.integer(a)))
	case 'o', 'x', 'X':
		a, _ := f.next()
		fmt.Fprintf(&f.out, spec+string(verb), uint64(f.integer(a)))
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		a, _ := f.next()
		f.float(spec, verb, a)
	case 'n':
		a, _ := f.next()
		_ = f.sh.setVar(a, itoa(f.out.Len()))
	default:
		f.sh.errorf("printf: `%c': invalid format character", verb)
		f.status, f.stop = 1, true
	}
}

func zeroPad(spec string) string {
	if strings.Contains(spec, ".") {
		return strings.Replace(spec, "%0", "%", 1)
	}
	return spec
}

func (f *formatter) text(spec string, verb byte) {
	a, _ := f.next()
	switch verb {
	case 'b':
		a, f.stop = escapes(a, true)
	case 'q':
		a = backslashed(a)
	case 'c':
		a = a[:min(1, len(a))]
	}
	if spec == "%" {
		f.out.WriteString(a)
		return
	}
	// Go counts characters, C bytes; they agree where an attacker would look.
	fmt.Fprintf(&f.out, strings.ReplaceAll(spec, "0", "0")+"s", a)
}

// integer reads a number as printf does: 'c is the code of a character, and
// what is no number is told and counts as far as it is one.
func (f *formatter) integer(s string) int64 {
	s = strings.TrimLeft(s, " \t\n")
	if s == "" {
		return 0
	}
	if s[0] == '\'' || s[0] == '"' {
		c, n := utf8.DecodeRuneInString(s[1:])
		if c == utf8.RuneError && n == 1 {
			return int64(s[1])
		}
		if n == 0 {
			return 0
		}
		return int64(c)
	}
	end := len(numberPrefix(s))
	n, err := strconv.ParseInt(s[:end], 0, 64)
	if u, e := strconv.ParseUint(s[:end], 0, 64); err != nil && e == nil {
		n = int64(u)
		err = nil
	}
	switch {
	case end < len(s):
		f.invalid(s)
	case errors.Is(err, strconv.ErrRange):
		if f.sh.dash {
			f.sh.errorf("printf: %s: Numerical result out of range", s)
		} else {
			f.sh.errorf("printf: warning: %s: Numerical result out of range", s)
		}
	}
	return n
}

func (f *formatter) invalid(s string) {
	f.status = 1
	if f.sh.dash {
		f.sh.errorf("printf: %s: expected numeric value", s)
		return
	}
	f.sh.errorf("printf: %s: invalid number", s)
}

// numberPrefix is the part of a text that is a number of C.
func numberPrefix(s string) string {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	base := 10
	switch {
	case len(s) > i+1 && s[i] == '0' && (s[i+1] == 'x' || s[i+1] == 'X'):
		base, i = 16, i+2
	case len(s) > i && s[i] == '0':
		base = 8
	}
	for i < len(s) {
		if d := digit(s[i], max(base, 10)); d < 0 || d >= base {
			break
		}
		i++
	}
	return s[:i]
}

func (f *formatter) float(spec string, verb byte, s string) {
	v := 0.0
	if s != "" {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			n = float64(0)
			f.invalid(s)
		}
		v = n
	}
	if verb == 'a' || verb == 'A' {
		verb += 'x' - 'a'
	}
	fmt.Fprintf(&f.out, spec+string(verb), v)
}

// date is %(format)T: strftime of a number of seconds, -1 for now.
func (f *formatter) date(s string, i int, spec string) int {
	end := strings.Index(s[i:], ")T")
	if end < 0 {
		f.sh.errorf("printf: `%s': missing format character", s)
		f.status, f.stop = 1, true
		return len(s)
	}
	t := f.sh.m.Now()
	if a, ok := f.next(); ok && a != "-1" {
		t = time.Unix(f.integer(a), 0)
	}
	layout := s[i+1 : i+end]
	if layout == "" {
		layout = "%H:%M:%S"
	}
	fmt.Fprintf(&f.out, spec+"s", Strftime(layout, f.sh.m.local(t)))
	return i + end + 2
}
