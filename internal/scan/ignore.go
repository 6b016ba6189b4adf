package scan

import (
	"os"
	"regexp"
	"strings"
)

// maxIgnoreFile bounds an ignore file, in bytes; what lies behind is not heeded.
const maxIgnoreFile = 1 << 20

// ignoreList is the patterns that hold in a folder: its own after those of the
// folders above, of which the last that matches decides (gitignore(5)).
type ignoreList struct {
	above    *ignoreList
	base     string // the folder the patterns stand in, relative to the root
	outside  string // what lies between that folder and the root, when it is above the root
	patterns []ignorePattern
}

// ignorePattern is one line of an ignore file.
type ignorePattern struct {
	keep    bool // begins with !
	folders bool // ends with /
	whole   bool // over the path from the folder on, not over the name only
	literal string
	re      *regexp.Regexp // if nil, literal
}

// read lays the file at path, which stands in the folder base, over the list.
func (l *ignoreList) read(path, base string) *ignoreList {
	text, err := readHead(path, maxIgnoreFile)
	if err != nil {
		return l
	}
	return parseIgnore(base, text, l)
}

// readAbove is read for a file in a folder above the root; outside is the way
// from there to the root.
func (l *ignoreList) readAbove(path, outside string) *ignoreList {
	if _, err := os.Stat(path); err != nil {
		return l
	}
	out := l.read(path, "")
	if out != l {
		out.outside = outside
	}
	return out
}

func parseIgnore(base, text string, above *ignoreList) *ignoreList {
	l := &ignoreList{above: above, base: base}
	for line := range strings.Lines(text) {
		if p, ok := parsePattern(line); ok {
			l.patterns = append(l.patterns, p)
		}
	}
	return l
}

// ignores says whether a path relative to the root is left out, provided that
// the folders it lies in are not.
func (l *ignoreList) ignores(rel string, folder bool) bool {
	for ; l != nil; l = l.above {
		local := l.local(rel)
		name := local[strings.LastIndexByte(local, '/')+1:]
		for i := len(l.patterns) - 1; i >= 0; i-- {
			if l.patterns[i].matches(local, name, folder) {
				return !l.patterns[i].keep
			}
		}
	}
	return false
}

// local is the path from the folder that the patterns stand in.
func (l *ignoreList) local(rel string) string {
	switch {
	case l.outside != "":
		return l.outside + "/" + rel
	case l.base != "":
		return strings.TrimPrefix(rel, l.base+"/")
	}
	return rel
}

func (p ignorePattern) matches(local, name string, folder bool) bool {
	if p.folders && !folder {
		return false
	}
	text := name
	if p.whole {
		text = local
	}
	if p.re == nil {
		return text == p.literal
	}
	return p.re.MatchString(text)
}

// parsePattern reads a line; ok is false for a comment and an empty line.
func parsePattern(line string) (p ignorePattern, ok bool) {
	line = trimBlanks(strings.TrimRight(line, "\r\n"))
	if line == "" || line[0] == '#' {
		return p, false
	}
	if rest, not := strings.CutPrefix(line, "!"); not {
		p.keep, line = true, rest
	}
	if rest, dir := strings.CutSuffix(line, "/"); dir {
		p.folders, line = true, rest
	}
	p.whole = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return p, false
	}
	if !strings.ContainsAny(line, `*?[\`) {
		p.literal = line
		return p, true
	}
	expr, ok := globRegex(line)
	if !ok {
		return p, false
	}
	re, err := regexp.Compile(expr)
	p.re = re
	return p, err == nil
}

// trimBlanks takes trailing blanks off, unless a backslash keeps them.
func trimBlanks(line string) string {
	trimmed := strings.TrimRight(line, " ")
	slashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if len(trimmed) < len(line) && slashes%2 == 1 {
		trimmed += " "
	}
	return trimmed
}

// globRegex writes a pattern of gitignore(5) as a regex, which RE2 matches in
// linear time however many stars it has. A pattern with a bracket that nothing
// closes matches nothing; ok is false then.
func globRegex(glob string) (expr string, ok bool) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(glob); {
		n := globStep(&b, glob, i)
		if n == 0 {
			return "", false
		}
		i += n
	}
	b.WriteString(`\z`)
	return b.String(), true
}

// globStep translates what begins at i and says how many bytes that were; 0
// for a bracket that nothing closes, and a backslash before nothing.
func globStep(b *strings.Builder, glob string, i int) int {
	rest, start := glob[i:], i == 0 || glob[i-1] == '/'
	switch {
	case start && strings.HasPrefix(rest, "**/"):
		b.WriteString(`(?:.*/)?`)
		return 3
	case start && rest == "**":
		b.WriteString(`.+`)
		return 2
	case rest[0] == '*':
		b.WriteString(`[^/]*`)
		return 1
	case rest[0] == '?':
		b.WriteString(`[^/]`)
		return 1
	case rest[0] == '[':
		return globClass(b, rest)
	case rest == `\`:
		return 0
	case rest[0] == '\\':
		b.WriteString(regexp.QuoteMeta(rest[1:2]))
		return 2
	}
	b.WriteString(regexp.QuoteMeta(rest[:1]))
	return 1
}

// globClass translates a bracket expression and returns its length; 0 when it
// is not closed.
func globClass(b *strings.Builder, glob string) int {
	i, out := 1, "["
	if i < len(glob) && (glob[i] == '!' || glob[i] == '^') {
		out, i = "[^/", i+1
	}
	for first := i; i < len(glob); {
		c := glob[i]
		switch {
		case c == ']' && i > first:
			b.WriteString(out + "]")
			return i + 1
		case c == '[' && strings.HasPrefix(glob[i:], "[:") && strings.Contains(glob[i:], ":]"):
			n := strings.Index(glob[i:], ":]") + 2
			out, i = out+glob[i:i+n], i+n
			continue
		case c == '\\' && i+1 < len(glob):
			i++
			out += regexp.QuoteMeta(glob[i : i+1])
		case c == '-':
			out += "-"
		case strings.IndexByte(`[]^\`, c) >= 0:
			out += `\` + string(rune(c))
		default:
			out += glob[i : i+1]
		}
		i++
	}
	return 0
}

// ReadIgnore joins ignore files and further patterns to a question about paths
// that nobody walks to, such as those in a repository's history: whether a path
// or a folder that it lies in is left out. Files that are not there say nothing.
func ReadIgnore(files, patterns []string) func(rel string) bool {
	list := parseIgnore("", strings.Join(patterns, "\n"), nil)
	for _, f := range files {
		list = list.read(f, "")
	}
	return func(rel string) bool {
		for i, c := range rel {
			if c == '/' && list.ignores(rel[:i], true) {
				return true
			}
		}
		return list.ignores(rel, false)
	}
}
