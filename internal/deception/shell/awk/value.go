package awk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// form is what a value is known to be.
type form byte

const (
	unset  form = iota
	number      // n holds it
	text        // s holds it
	read        // s came from outside: it is a number if it looks like one
)

// value is what a variable holds.
type value struct {
	form form
	n    float64
	s    string
}

func num(n float64) value { return value{form: number, n: n} }

func str(s string) value { return value{form: text, s: s} }

func fromOutside(s string) value { return value{form: read, s: s} }

func truth(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// mostInteger is the largest number that is written as an integer.
const mostInteger = math.MaxInt32

// text returns the value as a string; layout is CONVFMT or OFMT.
func (v value) text(layout string) string {
	if v.form != number {
		return v.s
	}
	if v.n == math.Trunc(v.n) && math.Abs(v.n) <= mostInteger {
		return strconv.Itoa(int(v.n))
	}
	if layout == "%.6g" {
		return floating('g', 6, v.n, "")
	}
	return oneNumber(layout, v.n)
}

// number returns the value as a number: of a string what it begins with.
func (v value) number() float64 {
	if v.form == number {
		return v.n
	}
	n, _ := leading(v.s)
	return n
}

func (v value) true() bool {
	if n, ok := v.numeric(); ok {
		return n != 0
	}
	return v.s != ""
}

// numeric returns a value that is a number or looks like one.
func (v value) numeric() (float64, bool) {
	switch v.form {
	case number:
		return v.n, true
	case unset:
		return 0, true
	case text:
		return 0, false
	}
	s := strings.Trim(v.s, spaces)
	if s == "" || !isDigit(s[0]) && strings.IndexByte("+-.", s[0]) < 0 || strings.ContainsAny(s, "xX") {
		return 0, false
	}
	n, length := leading(s)
	return n, length == len(s)
}

// spaces are what may stand around a number.
const spaces = " \t\n\v\f\r"

// compare is negative when a comes before b. Only numbers are compared as such.
func compare(a, b value, layout string) int {
	x, ok := a.numeric()
	y, also := b.numeric()
	if !ok || !also {
		return strings.Compare(a.text(layout), b.text(layout))
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// leading reads the number that a string begins with, as strtod does, and says
// where it ends.
func leading(s string) (float64, int) {
	start := len(s) - len(strings.TrimLeft(s, spaces))
	s = s[start:]
	sign := 0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign = 1
	}
	n := decimal(s[sign:])
	for _, word := range []string{"infinity", "inf", "nan"} {
		if n == 0 && len(s) >= sign+len(word) && strings.EqualFold(s[sign:sign+len(word)], word) {
			n = len(word)
		}
	}
	if h := hexadecimal(s[sign:]); h > 0 {
		v, _ := strconv.ParseFloat(s[:sign+h]+"p0", 64)
		return v, start + sign + h
	}
	if n == 0 {
		return 0, 0
	}
	v, _ := strconv.ParseFloat(s[:sign+n], 64)
	if math.IsNaN(v) && s[0] == '-' {
		v = math.Copysign(v, -1)
	}
	return v, start + sign + n
}

// hexadecimal is the length of 0x… at the beginning of s.
func hexadecimal(s string) int {
	if len(s) < 3 || s[0] != '0' || s[1]|0x20 != 'x' {
		return 0
	}
	n := 2
	for n < len(s) && (isDigit(s[n]) || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'f') {
		n++
	}
	if n == 2 {
		return 0
	}
	return n
}

// decimal is the length of the number at the beginning of s.
func decimal(s string) int {
	n, some := digits(s, 0), false
	some = n > 0
	if n < len(s) && s[n] == '.' {
		end := digits(s, n+1)
		some = some || end > n+1
		n = end
	}
	if !some {
		return 0
	}
	if n < len(s) && s[n]|0x20 == 'e' {
		from := n + 1
		if from < len(s) && (s[from] == '+' || s[from] == '-') {
			from++
		}
		if end := digits(s, from); end > from {
			n = end
		}
	}
	return n
}

// digits is where the digits end that begin at a place.
func digits(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

// failure ends a program. It is thrown within this package only.
type failure struct {
	text   string
	plain  bool // the text alone, without where in the input it happened
	status int
	quiet  bool
}

// syntaxf is what is wrong with a program's text.
func syntaxf(line int, format string, args ...any) failure {
	return failure{text: fmt.Sprintf("line %d: %s", line, fmt.Sprintf(format, args...)), plain: true, status: 2}
}

// runtimef is what went wrong in a program.
func runtimef(format string, args ...any) failure {
	return failure{text: "run time error: " + fmt.Sprintf(format, args...), status: 2}
}

// plainf is what went wrong outside of it.
func plainf(format string, args ...any) failure {
	return failure{text: fmt.Sprintf(format, args...), plain: true, status: 2}
}
