package command

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

const perlVersion = `
This is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64-linux-gnu-thread-multi
(with 54 registered patches, see perl -V for more detail)

Copyright 1987-2022, Larry Wall

Perl may be copied only under the terms of either the Artistic License or the
GNU General Public License, which may be found in the Perl 5 source kit.

Complete documentation for Perl, including FAQ lists, should be found on
this system using "man perl" or "perldoc perl".  If you have access to the
Internet, point your browser at https://www.perl.org/, the Perl Home Page.

`

// starved is what perl says when the machine gives it no memory: the answer to
// programs that are more than prints of constants. It is what a real one says
// under a limit of its memory, so that it fits a machine that is short of it.
const starved = "Out of memory in perl:util:safesysmalloc"

func perl(ctx context.Context, p *shell.Proc) int {
	text, end, check, given := "", "", false, false
	args := p.Args[1:]
	for ; len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && !given; args = args[1:] {
		switch flags := args[0][1:]; {
		case flags == "v":
			_, _ = io.WriteString(p.Out, perlVersion)
			return 0
		case flags[0] == '-' && flags != "-":
			fmt.Fprintf(p.Err, "Unrecognized switch: -%s  (-h will show valid options).\n", flags)
			return 29
		case strings.HasSuffix(flags, "e") || strings.HasSuffix(flags, "E"):
			if len(args) == 1 {
				fmt.Fprintf(p.Err, "No code specified for -%s.\n", flags[len(flags)-1:])
				return 9
			}
			if strings.Contains(flags, "l") {
				end = "\n"
			}
			text, given, check = args[1], true, check || strings.Contains(flags, "c")
			args = args[1:]
		case flags == "c":
			check = true
		case flags == "l":
			end = "\n"
		}
	}
	if !given {
		return perlFile(ctx, p, args)
	}
	return perlText(p, text, end, check)
}

// perlFile runs a program from a file or from standard input.
func perlFile(ctx context.Context, p *shell.Proc, args []string) int {
	name := "-"
	if len(args) > 0 {
		name = args[0]
	}
	b, err := readAll(ctx, p, name)
	if err != nil {
		fmt.Fprintf(p.Err, "Can't open perl script \"%s\": %s\n", name, reason(err))
		return 2
	}
	return perlText(p, string(b), "", false)
}

// perlText runs a program of prints.
func perlText(p *shell.Proc, text, end string, check bool) int {
	out, ok := (&prints{in: text, end: end}).run()
	switch {
	case !ok:
		fmt.Fprintln(p.Err, starved)
		return 1
	case check:
		fmt.Fprintln(p.Err, "-e syntax OK")
		return 0
	}
	_, _ = io.WriteString(p.Out, out)
	return 0
}

// mostPrinted bounds what a program prints.
const mostPrinted = 4 << 20

// prints reads programs that consist of print and constants.
type prints struct {
	in  string
	end string // behind each print, by -l
	out strings.Builder
}

// run returns what a program prints; ok is false when it is more than prints.
func (r *prints) run() (out string, ok bool) {
	for {
		r.space()
		switch {
		case r.in == "":
			return r.out.String(), true
		case r.accept(";"):
		case r.accept("print"):
			if !r.list() {
				return "", false
			}
		default:
			return "", false
		}
	}
}

func (r *prints) space() {
	for {
		r.in = strings.TrimLeft(r.in, " \t\r\n")
		if !strings.HasPrefix(r.in, "#") {
			return
		}
		_, r.in, _ = strings.Cut(r.in, "\n")
	}
}

func (r *prints) accept(word string) (ok bool) {
	r.space()
	r.in, ok = strings.CutPrefix(r.in, word)
	return ok
}

// list prints values with commas between them.
func (r *prints) list() bool {
	closed := r.accept("(")
	for {
		v, ok := r.joined()
		if !ok || r.out.Len()+len(v) > mostPrinted {
			return false
		}
		r.out.WriteString(v)
		if !r.accept(",") {
			break
		}
	}
	if closed && !r.accept(")") {
		return false
	}
	r.out.WriteString(r.end)
	r.space()
	return r.in == "" || r.in[0] == ';'
}

// joined reads values with . + - between them, whose rank is equal.
func (r *prints) joined() (string, bool) {
	v, ok := r.repeated()
	for ok {
		op := ""
		for _, o := range []string{".", "+", "-"} {
			if op == "" && r.accept(o) {
				op = o
			}
		}
		if op == "" {
			return v, true
		}
		var w string
		if w, ok = r.repeated(); ok {
			v, ok = perlOperate(op, v, w)
		}
	}
	return "", false
}

// repeated reads values with x and * between them.
func (r *prints) repeated() (string, bool) {
	v, ok := r.value()
	for ok {
		op := ""
		for _, o := range []string{"x", "*"} {
			if op == "" && r.accept(o) {
				op = o
			}
		}
		if op == "" {
			return v, true
		}
		var w string
		if w, ok = r.value(); ok {
			v, ok = perlOperate(op, v, w)
		}
	}
	return "", false
}

func perlOperate(op, v, w string) (string, bool) {
	if op == "." {
		return v + w, len(v)+len(w) <= mostPrinted
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		return "", false
	}
	if op == "x" {
		n = max(n, 0)
		if len(v) > 0 && n > mostPrinted/len(v) {
			return "", false
		}
		return strings.Repeat(v, n), true
	}
	m, err := strconv.Atoi(v)
	if err != nil || max(m, -m, n, -n) > 1<<30 {
		return "", false
	}
	return strconv.Itoa(map[string]int{"+": m + n, "-": m - n, "*": m * n}[op]), true
}

// value reads a string or a whole number.
func (r *prints) value() (string, bool) {
	r.space()
	for open, shut := range map[string]string{`"`: `"`, "'": "'", "qq{": "}", "qq(": ")", "q{": "}", "q(": ")"} {
		if rest, ok := strings.CutPrefix(r.in, open); ok {
			r.in = rest
			return r.quoted(shut[0], open[0] == '"' || open[:min(2, len(open))] == "qq")
		}
	}
	n := len(r.in) - len(strings.TrimLeft(r.in, "0123456789"))
	v := r.in[:n]
	r.in = r.in[n:]
	return v, n > 0 && n < 10 && (v[0] != '0' || n == 1) && !strings.HasPrefix(r.in, ".")
}

// quoted reads a string up to what ends it; variables in it are too much.
func (r *prints) quoted(end byte, escapes bool) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(r.in); i++ {
		c := r.in[i]
		switch {
		case c == end:
			r.in = r.in[i+1:]
			return out.String(), true
		case escapes && (c == '$' || c == '@'):
			return "", false
		case c == '\\' && i+1 < len(r.in):
			s, n := perlEscape(r.in[i+1:], escapes, end)
			out.WriteString(s)
			i += n
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

// perlEscape reads what follows a backslash, and tells how long it is.
func perlEscape(s string, escapes bool, end byte) (string, int) {
	if !escapes {
		if s[0] == end || s[0] == '\\' {
			return s[:1], 1
		}
		return `\`, 0
	}
	if i := strings.IndexByte("ntrae0", s[0]); i >= 0 {
		return "\n\t\r\a\x1b\x00"[i : i+1], 1
	}
	if s[0] == 'x' && len(s) > 2 {
		if v, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return string([]byte{byte(v)}), 3
		}
	}
	return s[:1], 1
}
