package ftp

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// maxTries bounds the effort of matching one name.
const maxTries = 1000

// listing is what LIST, NLST and STAT are asked for. While a client reads, it holds
// names alone: who reads slowly, by many connections, holds no more of a folder.
type listing struct {
	options string // letters; most are ignored
	filter  string // of names; "": all
	dir     string // as named
	place   string // of the folder on the machine
	names   []string
	opened  bool // the folder could be read
}

// look finds what a listing is of. An argument is a folder, or a pattern behind
// the last slash of one. more are options besides the client's.
func (c *client) look(arg, more string) (l listing) {
	l.dir, l.filter = ".", arg
	if strings.HasPrefix(arg, "-") {
		l.options, l.filter, _ = strings.Cut(arg[1:], " ")
	}
	l.options += more
	if l.filter != "" {
		l.filter = c.tilde(l.filter)
		if whole := (listing{options: l.options, dir: l.filter}); c.readFolder(&whole) == nil {
			return whole
		}
		if i := strings.LastIndexByte(l.filter, '/'); i >= 0 {
			l.dir, l.filter = cmp.Or(l.filter[:i], "/"), l.filter[i+1:]
		}
	}
	_ = c.readFolder(&l)
	return l
}

// readFolder finds the names of a listing, with the folder's dots.
func (c *client) readFolder(l *listing) error {
	return c.files.on(l.dir, func(p string) error {
		entries, err := c.files.view.ReadDir(p)
		if err != nil {
			return err
		}
		for _, dot := range []string{".", ".."} {
			if info, err := c.files.view.Lstat(p + "/" + dot); err == nil {
				info.Name = dot
				entries = append(entries, info)
			}
		}
		l.place, l.opened = p, true
		l.choose(entries)
		return nil
	})
}

// has reports whether an option was given.
func (l *listing) has(letter string) bool { return strings.Contains(l.options, letter) }

// choose keeps the names of the entries that are shown, in order.
func (l *listing) choose(entries []vfs.Info) {
	all := l.has("a") || strings.HasPrefix(l.filter, ".")
	entries = slices.DeleteFunc(entries, func(e vfs.Info) bool {
		tries := 0
		return !all && strings.HasPrefix(e.Name, ".") || l.filter != "" && !matches(e.Name, l.filter, &tries)
	})
	slices.SortStableFunc(entries, func(a, b vfs.Info) int {
		order := strings.Compare(a.Name, b.Name)
		if l.has("t") {
			order = -cmp.Compare(a.Mtime.Unix(), b.Mtime.Unix())
		}
		if l.has("r") {
			return -order
		}
		return order
	})
	for _, e := range entries {
		l.names = append(l.names, e.Name)
	}
}

// writeLines writes the listing's text: long lines, or names as they can be asked for.
// What has gone meanwhile is left out.
func (c *client) writeLines(to io.Writer, l listing, long bool) error {
	out, now, folder := bufio.NewWriterSize(to, pieces), c.clock.Now(), c.files.view.In(l.place)
	for _, name := range l.names {
		e, err := folder.Lstat(name)
		if err != nil {
			continue
		}
		e.Name = name
		if _, err := out.WriteString(c.entryLine(&l, e, long, now)); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (c *client) entryLine(l *listing, e vfs.Info, long bool, now time.Time) string {
	if !long && !l.has("l") {
		return inFolder(l.dir, e.Name) + kindMark(e, l.has("F"), true) + "\r\n"
	}
	name := e.Name
	if e.Target != "" {
		name += " -> " + e.Target
	}
	return longLine(e, name+kindMark(e, l.has("F"), false), now, c.zone)
}

// kindMark is what the option F puts behind a name.
func kindMark(e vfs.Info, wanted, links bool) string {
	switch {
	case wanted && e.IsDir():
		return "/"
	case wanted && links && e.Target != "":
		return "@"
	}
	return ""
}

// longLine is a file's line. A time more than 182 days ago shows its year.
func longLine(e vfs.Info, name string, now time.Time, zone *time.Location) string {
	form := "Jan 02 15:04"
	if age := now.Unix() - e.Mtime.Unix(); age < 0 || age > 182*86400 {
		form = "Jan 02  2006"
	}
	return fmt.Sprintf("%s %4d %-8d %-8d %8d %s %s\r\n", letters(e.Mode), e.Nlink, e.UID, e.GID, e.Size, e.Mtime.In(zone).Format(form), name)
}

// letters is a mode such as drwxr-xr-x.
func letters(m fs.FileMode) string {
	kind := "-"
	for _, k := range []struct {
		bit    fs.FileMode
		letter string
	}{{fs.ModeDir, "d"}, {fs.ModeSymlink, "l"}, {fs.ModeNamedPipe, "p"}, {fs.ModeSocket, "s"}, {fs.ModeCharDevice, "c"}, {fs.ModeDevice, "b"}} {
		if m&k.bit != 0 {
			kind = k.letter
			break
		}
	}
	out := []byte(kind + "rwxrwxrwx")
	for bit := range 9 {
		if m.Perm()>>(8-bit)&1 == 0 {
			out[bit+1] = '-'
		}
	}
	upperBit(out, 3, m&fs.ModeSetuid != 0, 's')
	upperBit(out, 6, m&fs.ModeSetgid != 0, 's')
	upperBit(out, 9, m&fs.ModeSticky != 0, 't')
	return string(out)
}

// upperBit shows one of a mode's three upper bits, in upper case where nobody
// can execute.
func upperBit(out []byte, at int, set bool, letter byte) {
	if !set {
		return
	}
	if out[at] == '-' {
		letter -= 'a' - 'A'
	}
	out[at] = letter
}

// matches reports whether vsftpd takes a name for one of a pattern with *, ? and
// {a,b}. What follows a star is looked for where it first is, and nowhere else.
func matches(name, pattern string, tries *int) bool {
	anywhere, token := false, byte(0)
	for pattern != "" && *tries < maxTries {
		*tries++
		literal := pattern
		token = 0
		if i := strings.IndexAny(pattern, "*?{"); i >= 0 {
			literal, token, pattern = pattern[:i], pattern[i], pattern[i+1:]
		} else {
			pattern = ""
		}
		at := strings.Index(name, literal)
		if at < 0 || at > 0 && !anywhere {
			return false
		}
		name = name[at+len(literal):]
		if anywhere = token == '*' || token == 0; anywhere {
			continue
		}
		if token == '{' && strings.Contains(pattern, "}") {
			return oneOf(name, pattern, tries)
		}
		if name == "" || token == '{' && name[0] != '{' {
			return false
		}
		name = name[1:]
	}
	return (name == "" || token == '*') && *tries < maxTries
}

// oneOf reports whether a name is one of what stands in braces, with what
// follows them. An empty word ends the list.
func oneOf(name, pattern string, tries *int) bool {
	words, rest, _ := strings.Cut(pattern, "}")
	for words != "" {
		var word string
		word, words, _ = strings.Cut(words, ",")
		if word == "" {
			return false
		}
		if matches(name, word+rest, tries) {
			return true
		}
	}
	return false
}

func (c *client) list(arg string)     { c.sendList(arg, true) }
func (c *client) nameList(arg string) { c.sendList(arg, false) }

// sendList sends a listing over a connection of its own.
func (c *client) sendList(arg string, long bool) {
	if !c.mayTransfer() {
		return
	}
	l := c.look(arg, "")
	d := c.dataConn("Here comes the directory listing.")
	defer c.closePort()
	if d == nil {
		return
	}
	l.opened = l.opened && c.mayShow(l.dir)
	var err error
	if l.opened {
		err = c.writeLines(d, l, long)
	}
	_ = d.Close()
	switch {
	case c.stalled(err):
	case err != nil:
		c.reply(426, "Failure writing network stream.")
	case !l.opened:
		c.reply(226, "Transfer done (but failed to open directory).")
	default:
		c.reply(226, "Directory send OK.")
	}
}

// mayShow reports whether a folder is shown: to those without a name only what
// everybody may read (anon_world_readable_only).
func (c *client) mayShow(dir string) bool {
	info, err := c.files.stat(dir)
	return !c.anonymous || err == nil && info.Mode.Perm()&0o004 != 0
}

// statFile lists over the client's own connection.
func (c *client) statFile(arg string) {
	l := c.look(arg, "a")
	c.hyphen(213, "Status follows:")
	if l.opened && c.mayShow(l.dir) {
		_ = c.writeLines(control{c}, l, true)
	}
	c.reply(213, "End of status")
}

// pathOf is where a file is on the machine, for the record.
func (c *client) pathOf(name string) string {
	p, err := c.files.place(name, true)
	if err != nil {
		return path.Clean(name)
	}
	if real, err := c.files.view.Real(p); err == nil {
		return real
	}
	return path.Clean(p)
}
