package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// tool is how a program reads its arguments.
type tool struct {
	// spec lists the options, separated by spaces: names of one option are
	// separated by commas; : behind them says that it takes a value, ? that it may
	// take one with =.
	spec    string
	usage   string // behind the name in "Usage: name …"
	version string // what --version prints first, without the name: (GNU coreutils) 9.1
	bad     int    // status of a wrong option; 0 is 1
	posix   bool   // options end at the first operand
	shows   bool   // a wrong option shows the usage, too
	ordered bool   // operands stand among the options, too, without a name
	try     string // what a wrong option says at the end; "" is coreutils' line
}

// coreutils is a tool of that package.
func coreutils(spec, usage string) tool {
	return tool{spec: spec, usage: usage, version: "(GNU coreutils) 9.1"}
}

// option is one that was given, by the first of its names.
type option struct{ name, value string }

// arguments are a program's options and operands.
type arguments struct {
	all  []option // in their order
	rest []string
}

func (a *arguments) has(names ...string) bool {
	return slices.ContainsFunc(a.all, func(o option) bool { return slices.Contains(names, o.name) })
}

// count is how often an option was given.
func (a *arguments) count(name string) (n int) {
	for _, o := range a.all {
		if o.name == name {
			n++
		}
	}
	return n
}

// value is that of the last of an option, or what is meant when there is none.
func (a *arguments) value(name, otherwise string) string {
	for _, o := range slices.Backward(a.all) {
		if o.name == name {
			return o.value
		}
	}
	return otherwise
}

// values are those of an option that may be given several times.
func (a *arguments) values(name string) (out []string) {
	for _, o := range a.all {
		if o.name == name {
			out = append(out, o.value)
		}
	}
	return out
}

// last returns which of several options was given last, "" when none was.
func (a *arguments) last(names ...string) string {
	for _, o := range slices.Backward(a.all) {
		if slices.Contains(names, o.name) {
			return o.name
		}
	}
	return ""
}

// options reads a program's arguments as getopt_long does. When it returns nil
// the program ends with the status: what was wrong, or what --help and
// --version say, has been written.
func options(p *shell.Proc, t tool) (*arguments, int) {
	r := &reader{p: p, t: t, known: known(t.spec), out: &arguments{}}
	if t.bad == 0 {
		r.t.bad = 1
	}
	for r.args = p.Args[1:]; len(r.args) > 0; {
		if !r.next() {
			return nil, r.t.bad
		}
	}
	switch {
	case r.out.has("help"):
		return nil, r.help()
	case r.out.has("version"):
		return nil, r.version()
	}
	return r.out, 0
}

// spec is one option that a program knows.
type spec struct {
	names []string
	value byte // 0 takes none, ':' must have one, '?' may have one
}

func known(list string) (out []spec) {
	for _, f := range strings.Fields(list + " help version") {
		s := spec{}
		if last := f[len(f)-1]; last == ':' || last == '?' && len(f) > 1 {
			s.value, f = last, f[:len(f)-1]
		}
		s.names = strings.Split(f, ",")
		out = append(out, s)
	}
	return out
}

type reader struct {
	p     *shell.Proc
	t     tool
	known []spec
	args  []string
	out   *arguments
}

func (r *reader) next() bool {
	arg := r.args[0]
	r.args = r.args[1:]
	switch {
	case arg == "--":
		r.out.rest = append(r.out.rest, r.args...)
		if r.t.ordered {
			for _, operand := range r.args {
				r.out.all = append(r.out.all, option{"", operand})
			}
		}
		r.args = nil
		return true
	case strings.HasPrefix(arg, "--"):
		return r.long(arg[2:])
	case len(arg) > 1 && arg[0] == '-':
		return r.short(arg[1:])
	}
	r.out.rest = append(r.out.rest, arg)
	if r.t.ordered {
		r.out.all = append(r.out.all, option{"", arg})
	}
	if r.t.posix {
		r.out.rest = append(r.out.rest, r.args...)
		r.args = nil
	}
	return true
}

func (r *reader) long(arg string) bool {
	name, value, given := strings.Cut(arg, "=")
	s, full, ok := r.find(name)
	if !ok {
		return false
	}
	switch {
	case s.value == 0 && given:
		return r.wrong("option '--%s' doesn't allow an argument", full)
	case s.value == ':' && !given:
		if len(r.args) == 0 {
			return r.wrong("option '--%s' requires an argument", full)
		}
		value, r.args = r.args[0], r.args[1:]
	}
	r.out.all = append(r.out.all, option{s.names[0], value})
	return true
}

// find looks for a long name, which may be cut short where that is unique.
func (r *reader) find(name string) (s spec, full string, ok bool) {
	var hits []string
	for _, k := range r.known {
		for _, n := range k.names {
			if n == name && len(n) > 1 {
				return k, n, true
			}
			if len(n) > 1 && strings.HasPrefix(n, name) && (len(hits) == 0 || !slices.Contains(s.names, n)) {
				s, full = k, n
				hits = append(hits, "'--"+n+"'")
			}
		}
	}
	switch len(hits) {
	case 1:
		return s, full, true
	case 0:
		return s, "", r.wrong("unrecognized option '--%s'", name)
	}
	return s, "", r.wrong("option '--%s' is ambiguous; possibilities: %s", name, strings.Join(hits, " "))
}

func (r *reader) short(letters string) bool {
	for i := range len(letters) {
		name := letters[i : i+1]
		at := slices.IndexFunc(r.known, func(s spec) bool { return slices.Contains(s.names, name) })
		if at < 0 || name == "," {
			return r.wrong("invalid option -- '%s'", name)
		}
		s, value := r.known[at], ""
		if s.value != 0 {
			value = letters[i+1:]
			if value == "" && s.value == ':' {
				if len(r.args) == 0 {
					return r.wrong("option requires an argument -- '%s'", name)
				}
				value, r.args = r.args[0], r.args[1:]
			}
		}
		r.out.all = append(r.out.all, option{s.names[0], value})
		if s.value != 0 {
			return true
		}
	}
	return true
}

func (r *reader) wrong(format string, args ...any) bool {
	name := path.Base(r.p.Args[0])
	fmt.Fprintf(r.p.Err, "%s: %s\n", name, fmt.Sprintf(format, args...))
	if r.t.shows {
		fmt.Fprintf(r.p.Err, "Usage: %s %s\n", r.p.Args[0], r.t.usage)
	}
	if r.t.try != "" {
		fmt.Fprintln(r.p.Err, r.t.try)
		return false
	}
	try(r.p)
	return false
}

// try says where to look when the arguments are wrong.
func try(p *shell.Proc) {
	fmt.Fprintf(p.Err, "Try '%s --help' for more information.\n", p.Args[0])
}

func (r *reader) help() int {
	fmt.Fprintf(r.p.Out, "Usage: %s %s\n", r.p.Args[0], r.t.usage)
	for _, s := range r.known {
		fmt.Fprintf(r.p.Out, "  %s\n", strings.Join(dashed(s), ", "))
	}
	return 0
}

func dashed(s spec) (out []string) {
	for _, n := range s.names {
		switch {
		case len(n) == 1:
			out = append(out, "-"+n)
		case s.value == ':':
			out = append(out, "--"+n+"=VALUE")
		case s.value == '?':
			out = append(out, "--"+n+"[=VALUE]")
		default:
			out = append(out, "--"+n)
		}
	}
	return out
}

func (r *reader) version() int {
	fmt.Fprintf(r.p.Out, "%s %s\n", path.Base(r.p.Args[0]), r.t.version)
	if strings.HasPrefix(r.t.version, "(GNU") {
		fmt.Fprint(r.p.Out, "Copyright (C) 2022 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\nThis is free software: you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n")
	}
	return 0
}

// missing complains that operands are missing, or that there are too many.
func missing(p *shell.Proc, a *arguments, least, most int) (status int, ok bool) {
	switch {
	case len(a.rest) < least && len(a.rest) == 0:
		p.Errorf("missing operand")
	case len(a.rest) < least:
		p.Errorf("missing operand after %s", quote(p, a.rest[len(a.rest)-1]))
	case most >= 0 && len(a.rest) > most:
		p.Errorf("extra operand %s", quote(p, a.rest[most]))
	default:
		return 0, true
	}
	try(p)
	return 1, false
}
