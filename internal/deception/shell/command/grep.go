package command

import (
	"context"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func searching() table {
	return table{"grep": grep, "egrep": grep, "fgrep": grep, "rgrep": grep, "zgrep": grep, "find": find, "sed": sed}
}

const grepOptions = "E,extended-regexp F,fixed-strings G,basic-regexp P,perl-regexp e,regexp: f,file: i,ignore-case,y no-ignore-case w,word-regexp x,line-regexp z,null-data s,no-messages v,invert-match m,max-count: b,byte-offset n,line-number line-buffered H,with-filename h,no-filename label: o,only-matching q,quiet,silent binary-files: a,text I d,directories: D,devices: r,recursive R,dereference-recursive include: exclude: exclude-from: exclude-dir: L,files-without-match l,files-with-matches c,count T,initial-tab Z,null B,before-context: A,after-context: C,context: color,colour? U,binary"

// grepper is one run of grep.
type grepper struct {
	ctx           context.Context
	p             *shell.Proc
	a             *arguments
	res           []*pattern
	names         bool
	color         bool
	before, after int
	most          int
	hit, failed   bool
	separated     bool // a group of lines was written
}

func grep(ctx context.Context, p *shell.Proc) int {
	for i, arg := range p.Args[1:] { // -3 is -C 3
		if len(arg) > 1 && arg[0] == '-' && strings.Trim(arg[1:], "0123456789") == "" {
			p.Args[i+1] = "-C" + arg[1:]
		}
	}
	a, status := options(p, tool{spec: grepOptions, usage: "[OPTION]... PATTERNS [FILE]...", version: "(GNU grep) 3.8", bad: 2, shows: true})
	if a == nil {
		return status
	}
	g := &grepper{ctx: ctx, p: p, a: a, most: -1}
	if !g.patterns() || !g.numbers() {
		return 2
	}
	base := path.Base(p.Args[0])
	recursive := a.has("r", "R") || base == "rgrep"
	if len(a.rest) == 0 && recursive {
		a.rest = []string{"."}
	}
	g.names = (len(a.rest) > 1 || recursive) && !a.has("h") || a.has("H")
	g.color = colorWanted(a, p.InTerminal(1))
	for _, name := range orDash(a.rest) {
		if g.operand(name, recursive); g.hit && a.has("q") {
			return 0
		}
	}
	switch {
	case g.failed && !(g.hit && a.has("q")):
		return 2
	case g.hit:
		return 0
	}
	return 1
}

func (g *grepper) patterns() bool {
	var list []string
	for _, o := range g.a.all {
		switch o.name {
		case "e":
			list = append(list, strings.Split(o.value, "\n")...)
		case "f":
			b, err := readAll(g.ctx, g.p, o.value)
			if err != nil {
				g.p.Errorf("%s: %s", o.value, reason(err))
				return false
			}
			list = append(list, splitLines(b)...)
		}
	}
	if !g.a.has("e", "f") {
		if len(g.a.rest) == 0 {
			fmt.Fprintf(g.p.Err, "Usage: %s [OPTION]... PATTERNS [FILE]...\nTry '%s --help' for more information.\n", g.p.Args[0], g.p.Args[0])
			return false
		}
		list, g.a.rest = strings.Split(g.a.rest[0], "\n"), g.a.rest[1:]
	}
	for _, text := range list {
		re, err := g.compile(text)
		if err != nil {
			g.p.Errorf("%s", err)
			return false
		}
		g.res = append(g.res, re)
	}
	return true
}

func (g *grepper) compile(text string) (*pattern, error) {
	kind := g.a.last("E", "F", "G", "P")
	base := path.Base(g.p.Args[0])
	if kind == "" {
		kind = map[string]string{"egrep": "E", "fgrep": "F"}[base]
	}
	wrap := func(s string) string {
		switch {
		case g.a.has("x"):
			return "^(?:" + s + ")$"
		case g.a.has("w"):
			return `(?:\b|^)(?:` + s + `)(?:\b|$)`
		}
		return s
	}
	flags := "(?s)"
	if g.a.last("i", "no-ignore-case") == "i" {
		flags = "(?si)"
	}
	var source string
	switch kind {
	case "F":
		source = regexp.QuoteMeta(text)
	case "P":
		source = text
	default:
		t := &translator{in: text, extended: kind == "E"}
		if err := t.run(); err != nil {
			return nil, err
		}
		for _, what := range t.leading {
			g.p.Errorf("warning: %s at start of expression", what)
		}
		source = string(t.out)
	}
	return compilerOf(g.ctx, g.p).plain(flags+wrap(source), kind != "P")
}

func (g *grepper) numbers() bool {
	for _, o := range []struct {
		name string
		to   []*int
	}{{"C", []*int{&g.before, &g.after}}, {"A", []*int{&g.after}}, {"B", []*int{&g.before}}, {"m", []*int{&g.most}}} {
		if !g.a.has(o.name) {
			continue
		}
		n, err := strconv.Atoi(g.a.value(o.name, ""))
		if err != nil || n < 0 {
			if o.name == "m" {
				g.p.Errorf("invalid max count")
			} else {
				g.p.Errorf("%s: invalid context length argument", g.a.value(o.name, ""))
			}
			return false
		}
		for _, to := range o.to {
			*to = min(n, 1<<20)
		}
	}
	return true
}

func (g *grepper) operand(name string, recursive bool) {
	i, err := g.p.Files.Stat(name)
	switch {
	case name == "-":
		g.search("(standard input)", io.NopCloser(g.p.In))
	case err == nil && i.IsDir() && recursive:
		g.folder(name)
	case err == nil && i.IsDir() && g.a.value("d", "") == "skip":
	case err == nil && i.IsDir():
		if g.failed = true; !g.a.has("s") {
			g.p.Errorf("%s: Is a directory", name)
		}
	default:
		g.file(name)
	}
}

func (g *grepper) file(name string) {
	r, err := source(g.p, name)
	if err != nil {
		if !g.a.has("s") {
			g.p.Errorf("%s: %s", name, reason(err))
		}
		g.failed = true
		return
	}
	g.search(name, r)
}
