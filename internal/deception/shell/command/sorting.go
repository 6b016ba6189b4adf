package command

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func ordering() table {
	return table{"sort": sortLines, "uniq": uniq, "comm": comm, "shuf": shuf, "seq": seq, "factor": factor, "cut": cut, "paste": paste, "join": join, "tr": tr, "column": column}
}

// key is what sort compares: from a field and character to another.
type key struct {
	from, fromChar, to, toChar int
	flags                      string
}

type sorter struct {
	p     *shell.Proc
	keys  []key
	flags string
	sep   string
}

func sortLines(ctx context.Context, p *shell.Proc) int {
	t := coreutils("b,ignore-leading-blanks d,dictionary-order f,ignore-case g,general-numeric-sort i,ignore-nonprinting M,month-sort h,human-numeric-sort n,numeric-sort R,random-sort r,reverse V,version-sort sort: c,check? C k,key: m,merge o,output: s,stable S,buffer-size: t,field-separator: T,temporary-directory: u,unique z,zero-terminated parallel: debug", "[OPTION]... [FILE]...")
	t.bad = 2
	a, status := options(p, t)
	if a == nil {
		return status
	}
	s := &sorter{p: p, sep: a.value("t", "")}
	for _, o := range a.all {
		if strings.Contains("bdfghiMnRrV", o.name) {
			s.flags += o.name
		}
		if o.name == "k" {
			k, ok := parseKey(o.value)
			if !ok {
				p.Errorf("-: invalid field specification %s", quote(p, o.value))
				return 2
			}
			s.keys = append(s.keys, k)
		}
	}
	var all []string
	for _, name := range orDash(a.rest) {
		b, err := readAll(ctx, p, name)
		if err != nil {
			if err == errMemory {
				p.Errorf("memory exhausted")
			} else if i, e := p.Files.Stat(name); e == nil && i.IsDir() {
				p.Errorf("read failed: %s: %s", colon(name), reason(err))
			} else {
				p.Errorf("cannot read: %s: %s", colon(name), reason(err))
			}
			return 2
		}
		all = append(all, splitLines(b)...)
	}
	return s.finish(a, all)
}

func orDash(names []string) []string {
	if len(names) == 0 {
		return []string{"-"}
	}
	return names
}

func (s *sorter) finish(a *arguments, all []string) int {
	if a.has("c", "C") {
		for i := 1; i < len(all); i++ {
			if c := s.compare(all[i-1], all[i], true); c > 0 || c == 0 && a.has("u") {
				if !a.has("C") {
					s.p.Errorf("%s:%d: disorder: %s", orDash(a.rest)[0], i+1, all[i])
				}
				return 1
			}
		}
		return 0
	}
	last := !a.has("s", "u")
	slices.SortStableFunc(all, func(x, y string) int { return s.compare(x, y, last) })
	if a.has("u") {
		all = slices.CompactFunc(all, func(x, y string) bool { return s.compare(x, y, false) == 0 })
	}
	out := s.p.Out
	if name := a.value("o", ""); name != "" {
		f, err := s.p.Files.Open(name, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_TRUNC, 0o666)
		if err != nil {
			s.p.Errorf("open failed: %s: %s", colon(name), reason(err))
			return 2
		}
		defer f.Close()
		out = f
	}
	return writeLines(out, all)
}

func writeLines(w io.Writer, all []string) int {
	var buffer bytes.Buffer
	for i, line := range all {
		buffer.WriteString(line + "\n")
		if buffer.Len() > 32<<10 || i == len(all)-1 {
			if _, err := w.Write(buffer.Bytes()); err != nil {
				return 1
			}
			buffer.Reset()
		}
	}
	return 0
}

func parseKey(text string) (k key, ok bool) {
	from, to, two := strings.Cut(text, ",")
	var flags string
	if k.from, k.fromChar, flags, ok = parsePosition(from); !ok || k.from < 1 {
		return k, false
	}
	k.flags = flags
	if two {
		if k.to, k.toChar, flags, ok = parsePosition(to); !ok {
			return k, false
		}
		k.flags += flags
	}
	return k, true
}

func parsePosition(s string) (field, char int, flags string, ok bool) {
	end := len(strings.TrimRight(s, "bdfghiMnRrV"))
	s, flags = s[:end], s[end:]
	f, c, dotted := strings.Cut(s, ".")
	field, err := strconv.Atoi(f)
	if err != nil {
		return 0, 0, "", false
	}
	if dotted {
		if char, err = strconv.Atoi(c); err != nil {
			return 0, 0, "", false
		}
	}
	return field, char, flags, true
}

func (s *sorter) compare(x, y string, lastResort bool) int {
	keys := s.keys
	if len(keys) == 0 {
		keys = []key{{from: 1}}
	}
	for _, k := range keys {
		flags := k.flags
		if strings.Trim(flags, "b") == "" {
			flags += s.flags
		}
		if c := s.by(s.part(x, k), s.part(y, k), flags); c != 0 {
			if strings.Contains(flags, "r") {
				return -c
			}
			return c
		}
	}
	if !lastResort {
		return 0
	}
	c := collate(s.p, x, y)
	if strings.Contains(s.flags, "r") {
		return -c
	}
	return c
}

// part cuts a key out of a line.
func (s *sorter) part(line string, k key) string {
	if k.from == 1 && k.fromChar == 0 && k.to == 0 {
		return line
	}
	starts, ends := s.fields(line)
	at := func(field int) (int, int) {
		if field > len(starts) {
			return len(line), len(line)
		}
		return starts[field-1], ends[field-1]
	}
	from, end := at(k.from)
	if strings.Contains(k.flags+s.flags, "b") {
		for from < end && (line[from] == ' ' || line[from] == '\t') {
			from++
		}
	}
	from = min(from+max(k.fromChar-1, 0), len(line))
	to := len(line)
	if k.to > 0 {
		start, end := at(k.to)
		to = end
		if k.toChar > 0 {
			to = min(start+k.toChar, len(line))
		}
	}
	if to < from {
		return ""
	}
	return line[from:to]
}

// fields finds where a line's fields are: between separators, or each a run of
// blanks with the text behind it.
func (s *sorter) fields(line string) (starts, ends []int) {
	if s.sep != "" {
		at := 0
		for {
			i := strings.IndexByte(line[at:], s.sep[0])
			starts = append(starts, at)
			if i < 0 {
				return starts, append(ends, len(line))
			}
			ends = append(ends, at+i)
			at += i + 1
		}
	}
	for i := 0; i < len(line); {
		starts = append(starts, i)
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		ends = append(ends, i)
	}
	return starts, ends
}
