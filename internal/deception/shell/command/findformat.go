package command

import (
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// format writes a file as -printf says.
func (f *finder) format(format string, x *found) string {
	var out strings.Builder
	for i := 0; i < len(format) && out.Len() < mostFormatted; i++ {
		c := format[i]
		if c == '\\' && i+1 < len(format) {
			i++
			if j := strings.IndexByte(`nt\0r`, format[i]); j >= 0 {
				out.WriteByte("\n\t\\\x00\r"[j])
			}
			continue
		}
		if c != '%' || i+1 == len(format) {
			out.WriteByte(c)
			continue
		}
		start := i
		i++
		for i < len(format)-1 && strings.IndexByte("-0123456789.", format[i]) >= 0 {
			i++
		}
		spec := format[start:i]
		if (format[i] == 'T' || format[i] == 'A' || format[i] == 'C') && i+1 < len(format) {
			i++
			out.WriteString(f.timeOf(format[i-1], format[i], x))
			continue
		}
		fmt.Fprintf(&out, spec+"s", f.part(format[i], x))
	}
	return out.String()
}

func (f *finder) part(c byte, x *found) string {
	switch c {
	case '%':
		return "%"
	case 'p':
		return x.name
	case 'f':
		return x.base
	case 'h':
		return path.Dir(x.name)
	case 'P':
		_, rest, _ := strings.Cut(x.name, "/")
		return rest
	case 's':
		return strconv.FormatInt(x.info.Size, 10)
	case 'k':
		return strconv.FormatInt(blocks(x.info), 10)
	case 'm':
		return fmt.Sprintf("%o", fromMode(x.info.Mode))
	case 'M':
		return modeString(x.info.Mode)
	case 'u':
		return f.names.user(x.info.UID)
	case 'g':
		return f.names.group(x.info.GID)
	case 'U':
		return strconv.Itoa(x.info.UID)
	case 'G':
		return strconv.Itoa(x.info.GID)
	case 'i':
		return strconv.FormatUint(x.info.Ino, 10)
	case 'n':
		return strconv.Itoa(x.info.Nlink)
	case 'd':
		return strconv.Itoa(x.depth)
	case 'l':
		return x.info.Target
	case 'y':
		if k := modeString(x.info.Mode)[:1]; k != "-" {
			return k
		}
		return "f"
	case 't':
		return x.info.Mtime.In(zone(f.p)).Format("Mon Jan _2 15:04:05.0000000000 2006")
	}
	return "%" + string(c)
}

func (f *finder) timeOf(which, c byte, x *found) string {
	t := x.info.Mtime
	if which == 'A' {
		t = x.info.Atime
	}
	if which == 'C' {
		t = x.info.Ctime
	}
	t = t.In(zone(f.p))
	switch c {
	case '@':
		return fmt.Sprintf("%d.%09d0", t.Unix(), t.Nanosecond())
	case '+':
		return t.Format("2006-01-02+15:04:05.0000000000")
	}
	return strftime("%"+string(c), t, mostFormatted)
}

// xargs runs a program with what it reads as arguments.
func xargs(ctx context.Context, p *shell.Proc) int {
	t := tool{spec: "0,null a,arg-file: d,delimiter: E: e,eof? I: i,replace? L: l,max-lines? n,max-args: P,max-procs: p,interactive process-slot-var: r,no-run-if-empty s,max-chars: show-limits t,verbose x,exit o,open-tty", usage: "[OPTION]... COMMAND [INITIAL-ARGS]...", version: "(GNU findutils) 4.9.0", posix: true}
	a, status := options(p, t)
	if a == nil {
		return status
	}
	b, err := readAll(ctx, p, a.value("a", "-"))
	if err != nil {
		p.Errorf("Cannot open input file %s: %s", quote(p, a.value("a", "")), reason(err))
		return 1
	}
	p.In = strings.NewReader("")
	x := &xarger{ctx: ctx, p: p, a: a, command: a.rest}
	if len(x.command) == 0 {
		x.command = []string{"echo"}
	}
	items, problem := x.items(string(b))
	if problem != "" {
		p.Errorf("%s", problem)
		return 1
	}
	return x.run(items)
}

type xarger struct {
	ctx     context.Context
	p       *shell.Proc
	a       *arguments
	command []string
}

func (x *xarger) items(text string) (out []string, problem string) {
	cut := ""
	switch {
	case x.a.has("0"):
		cut = "\x00"
	case x.a.has("d"):
		cut = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\0`, "\x00").Replace(x.a.value("d", ""))
	case x.a.has("I", "i"):
		for _, line := range splitLines([]byte(text)) {
			if line = strings.TrimLeft(line, " \t"); line != "" {
				out = append(out, line)
			}
		}
		return out, ""
	}
	if cut != "" {
		if text = strings.TrimSuffix(text, cut); text == "" {
			return nil, ""
		}
		return strings.Split(text, cut), ""
	}
	return quotedWords(text)
}

// quotedWords splits at blanks; quotes and backslashes protect them.
func quotedWords(text string) (out []string, problem string) {
	word, has, quote := strings.Builder{}, false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == '\n':
			return nil, "unmatched " + map[byte]string{'\'': "single", '"': "double"}[quote] + " quote; by default quotes are special to xargs unless you use the -0 option"
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, has = c, true
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			has = true
		case c == ' ' || c == '\t' || c == '\n':
			if has {
				out = append(out, word.String())
			}
			word.Reset()
			has = false
		default:
			word.WriteByte(c)
			has = true
		}
	}
	if quote != 0 {
		return nil, "unmatched " + map[byte]string{'\'': "single", '"': "double"}[quote] + " quote; by default quotes are special to xargs unless you use the -0 option"
	}
	if has {
		out = append(out, word.String())
	}
	return out, ""
}

// mostArgument is how long one argument of a program may be, as Linux has it
// (MAX_ARG_STRLEN).
const mostArgument = 128 << 10

// fill puts a text in the place of a mark; ok is false when it becomes too long.
func fill(text, mark, with string) (filled string, ok bool) {
	if mark != "" && len(text)+strings.Count(text, mark)*len(with) >= mostArgument {
		return "", false
	}
	return strings.ReplaceAll(text, mark, with), true
}

func (x *xarger) run(items []string) int {
	most, err := strconv.Atoi(x.a.value("n", x.a.value("L", "5000")))
	if err != nil || most < 1 {
		x.p.Errorf("value %s for -n option should be >= 1", x.a.value("n", ""))
		return 1
	}
	if x.a.has("I", "i") {
		mark := orElse(x.a.value("I", ""), "{}")
		status := 0
		for _, item := range items {
			args := make([]string, len(x.command))
			for i, c := range x.command {
				filled, ok := fill(c, mark, item)
				if !ok {
					x.p.Errorf("command too long")
					return 1
				}
				args[i] = filled
			}
			if s, stop := x.one(args); stop {
				return s
			} else if s != 0 {
				status = s
			}
		}
		return status
	}
	if len(items) == 0 {
		if x.a.has("r") {
			return 0
		}
		s, _ := x.one(x.command)
		return s
	}
	status := 0
	for len(items) > 0 && x.p.Step(x.ctx) == nil {
		n := min(most, len(items))
		s, stop := x.one(append(append([]string{}, x.command...), items[:n]...))
		if items = items[n:]; stop {
			return s
		}
		if s != 0 {
			status = s
		}
	}
	return status
}

// one runs the program once; the status is xargs' own for it.
func (x *xarger) one(args []string) (status int, stop bool) {
	if x.a.has("t") {
		_, _ = io.WriteString(x.p.Err, strings.Join(args, " ")+"\n")
	}
	switch s := start(x.ctx, x.p, args); {
	case s == 255:
		x.p.Errorf("%s: exited with status 255; aborting", args[0])
		return 124, true
	case s == 126 || s == 127:
		return s, true
	case s != 0:
		return 123, false
	}
	return 0, false
}
