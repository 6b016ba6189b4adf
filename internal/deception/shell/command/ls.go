package command

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func listing() table {
	return table{"ls": ls, "dir": ls, "vdir": ls}
}

const lsOptions = "a,all A,almost-all b,escape B,ignore-backups c C d,directory f F,classify? g G,no-group h,human-readable H i,inode I,ignore: k,kibibytes l L,dereference m n,numeric-uid-gid N,literal o p q,hide-control-chars Q,quote-name r,reverse R,recursive s,size S t T,tabsize: u U v w,width: x X Z,context 1 color? full-time group-directories-first si author time: sort: time-style: format: block-size: file-type indicator-style: hide: show-control-chars zero"

// lister is one run of ls.
type lister struct {
	ctx    context.Context
	p      *shell.Proc
	a      *arguments
	long   bool
	color  bool
	quotes bool
	format string // long, single, columns, across, commas
	status int
	first  bool
	names  names
}

// ls lists folders.
func ls(ctx context.Context, p *shell.Proc) int {
	t := coreutils(lsOptions, "[OPTION]... [FILE]...")
	t.bad = 2
	a, status := options(p, t)
	if a == nil {
		return status
	}
	l := &lister{ctx: ctx, p: p, a: a, first: true, names: newNames(p.Machine)}
	if !l.configure() {
		return 2
	}
	if len(a.rest) == 0 {
		a.rest = []string{"."}
	}
	l.operands()
	return l.status
}

func (l *lister) configure() bool {
	tty, a := l.p.InTerminal(1), l.a
	l.color = colorWanted(a, tty) && colorKnown(l.p.Env)
	l.quotes = tty && !a.has("N", "Q")
	switch last := a.last("l", "g", "o", "n", "full-time", "C", "x", "m", "1", "format"); last {
	case "l", "g", "o", "n", "full-time":
		l.format = "long"
	case "C":
		l.format = "columns"
	case "x":
		l.format = "across"
	case "m":
		l.format = "commas"
	case "1":
		l.format = "single"
		if a.has("l", "g", "o", "n", "full-time") {
			l.format = "long"
		}
	case "format":
		l.format = map[string]string{"long": "long", "verbose": "long", "commas": "commas", "horizontal": "across", "across": "across", "vertical": "columns", "single-column": "single"}[a.value("format", "")]
	default:
		l.format = "single"
		if tty || path.Base(l.p.Args[0]) == "dir" {
			l.format = "columns"
		}
		if path.Base(l.p.Args[0]) == "vdir" {
			l.format = "long"
		}
	}
	l.long = l.format == "long"
	if l.format == "" {
		l.p.Errorf("invalid argument %s for ‘--format’", quote(l.p, a.value("format", "")))
		return false
	}
	return true
}

// colorWanted reads --color.
func colorWanted(a *arguments, tty bool) bool {
	if !a.has("color") {
		return false
	}
	switch a.value("color", "") {
	case "", "always", "yes", "force":
		return true
	case "auto", "tty", "if-tty":
		return tty
	}
	return false
}

// colorKnown reports whether ls knows colours for the terminal.
func colorKnown(e *shell.Env) bool {
	term := e.Get("TERM")
	return e.Get("LS_COLORS")+e.Get("COLORTERM") != "" || term != "" && term != "dumb"
}

// entry is a file to be listed.
type entry struct {
	name string // as shown
	path string
	info vfs.Info
}

func (l *lister) operands() {
	var files, dirs []entry
	for _, name := range l.a.rest {
		i, err := l.lookup(name)
		if err != nil {
			l.p.Errorf("cannot access %s: %s", quoted(name), reason(err))
			l.status = 2
			continue
		}
		e := entry{name, name, i}
		if i.IsDir() && !l.a.has("d") {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	l.sort(files)
	l.sort(dirs)
	if len(files) > 0 {
		l.show(files)
		l.first = false
	}
	for _, d := range dirs {
		l.folder(d, len(l.a.rest) > 1 || l.a.has("R"))
	}
}

// lookup follows links among the operands unless the long format shows them.
func (l *lister) lookup(name string) (vfs.Info, error) {
	stat := l.p.Files.Stat
	if (l.long || l.a.has("F", "d")) && !l.a.has("L", "H") {
		stat = l.p.Files.Lstat
	}
	i, err := stat(name)
	if err != nil && !l.long {
		return l.p.Files.Lstat(name)
	}
	return i, err
}

func (l *lister) folder(d entry, title bool) {
	if l.p.Step(l.ctx) != nil {
		return
	}
	list, err := l.p.Files.ReadDir(d.path)
	if err != nil {
		l.p.Errorf("cannot open directory %s: %s", quoted(d.path), reason(err))
		l.status = max(l.status, 2)
		return
	}
	if !l.first {
		fmt.Fprintln(l.p.Out)
	}
	if l.first = false; title {
		fmt.Fprintf(l.p.Out, "%s:\n", l.quoted(d.name))
	}
	shown := l.filter(d, list)
	l.sort(shown)
	if l.long || l.a.has("s") {
		fmt.Fprintf(l.p.Out, "total %s\n", l.total(shown))
	}
	l.show(shown)
	if !l.a.has("R") {
		return
	}
	for _, e := range shown {
		if e.info.IsDir() && e.name != "." && e.name != ".." {
			e.name = strings.TrimSuffix(d.name, "/") + "/" + e.name
			e.path = e.name
			l.folder(e, true)
		}
	}
}

func (l *lister) filter(d entry, list []vfs.Info) (out []entry) {
	if l.a.has("a", "f") {
		for _, name := range []string{".", ".."} {
			if i, err := l.p.Files.Stat(path.Join(l.p.Dir, d.path) + "/" + name); err == nil && !path.IsAbs(d.path) {
				out = append(out, entry{name, d.path + "/" + name, i})
			} else if i, err := l.p.Files.Stat(d.path + "/" + name); err == nil {
				out = append(out, entry{name, d.path + "/" + name, i})
			}
		}
	}
	for _, i := range list {
		hidden := strings.HasPrefix(i.Name, ".") && !l.a.has("a", "A", "f")
		backup := strings.HasSuffix(i.Name, "~") && l.a.has("B")
		if hidden || backup || l.ignored(i.Name) {
			continue
		}
		e := entry{i.Name, strings.TrimSuffix(d.path, "/") + "/" + i.Name, i}
		if l.a.has("L") {
			if followed, err := l.p.Files.Stat(e.path); err == nil {
				e.info = followed
			}
		}
		out = append(out, e)
	}
	return out
}

func (l *lister) ignored(name string) bool {
	for _, o := range l.a.all {
		if o.name == "I" || o.name == "hide" && !l.a.has("a", "A") {
			if ok, _ := path.Match(o.value, name); ok {
				return true
			}
		}
	}
	return false
}

func (l *lister) sort(all []entry) {
	by := l.a.value("sort", "")
	for _, o := range l.a.all {
		if by2, ok := map[string]string{"S": "size", "t": "time", "U": "none", "f": "none", "X": "extension", "v": "version", "sort": by}[o.name]; ok {
			by = by2
		}
	}
	if by == "" && l.a.has("c", "u") && !l.long {
		by = "time"
	}
	if by == "none" {
		return
	}
	slices.SortStableFunc(all, func(x, y entry) int { return l.compare(x, y, by) })
	if l.a.has("r") {
		slices.Reverse(all)
	}
	if l.a.has("group-directories-first") {
		slices.SortStableFunc(all, func(x, y entry) int { return order(y.info.IsDir()) - order(x.info.IsDir()) })
	}
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *lister) compare(x, y entry, by string) int {
	c := 0
	switch by {
	case "size":
		c = int(min(max(y.info.Size-x.info.Size, -1), 1))
	case "time":
		c = l.time(y.info).Compare(l.time(x.info))
	case "extension":
		c = strings.Compare(path.Ext(x.name), path.Ext(y.name))
	case "version":
		c = compareVersions(x.name, y.name)
	}
	if c == 0 {
		c = collate(l.p, x.name, y.name)
	}
	return c
}

// collate orders names as the locale does: that of C by bytes, others first
// without regard to case and punctuation.
func collate(p *shell.Proc, a, b string) int {
	locale := p.Env.Get("LANG")
	for _, name := range []string{"LC_COLLATE", "LC_ALL"} {
		if v := p.Env.Get(name); v != "" {
			locale = v
		}
	}
	if locale == "" || locale == "C" || locale == "POSIX" || strings.HasPrefix(locale, "C.") {
		return strings.Compare(a, b)
	}
	key := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if strings.ContainsRune("._-+~ ,:;@#%&()[]{}!'\"", r) {
				return -1
			}
			return r
		}, s))
	}
	if c := strings.Compare(key(a), key(b)); c != 0 {
		return c
	}
	return strings.Compare(b, a) // lower case first
}

func (l *lister) time(i vfs.Info) time.Time {
	kind := l.a.value("time", "")
	switch {
	case l.a.has("u") || kind == "atime" || kind == "access" || kind == "use":
		return i.Atime
	case l.a.has("c") || kind == "ctime" || kind == "status":
		return i.Ctime
	}
	return i.Mtime
}

func (l *lister) total(all []entry) string {
	n := int64(0)
	for _, e := range all {
		n += blocks(e.info)
	}
	if l.a.has("h", "si") {
		return human(uint64(n*1024), l.base())
	}
	return strconv.FormatInt(n, 10)
}

func (l *lister) base() float64 {
	if l.a.last("h", "si") == "si" {
		return 1000
	}
	return 1024
}

// blocks is what a file takes on the disk, in KiB.
func blocks(i vfs.Info) int64 {
	if i.Mode&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe) != 0 && i.Size < 60 {
		return 0
	}
	return (i.Size + 4095) / 4096 * 4
}

// zone is the machine's time zone, or what TZ says.
func zone(p *shell.Proc) *time.Location {
	if tz, ok := p.Env.Lookup("TZ"); ok {
		return zoneNamed(tz)
	}
	return world.Location(p.Machine.Persona())
}
