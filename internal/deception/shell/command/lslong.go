package command

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// names finds the names of users and groups once per run.
type names struct {
	users, groups map[int]string
}

func newNames(m *shell.Machine) names {
	n := names{map[int]string{}, map[int]string{}}
	for _, u := range m.Users() {
		if _, ok := n.users[u.UID]; !ok {
			n.users[u.UID] = u.Name
		}
	}
	for _, g := range groups(m) {
		if _, ok := n.groups[g.gid]; !ok {
			n.groups[g.gid] = g.name
		}
	}
	return n
}

func (n names) user(uid int) string  { return named(n.users, uid) }
func (n names) group(gid int) string { return named(n.groups, gid) }

func named(of map[int]string, id int) string {
	if name, ok := of[id]; ok {
		return name
	}
	return strconv.Itoa(id)
}

// show writes files in the chosen format.
func (l *lister) show(all []entry) {
	if l.long {
		l.showLong(all)
		return
	}
	cells, plain := make([]string, len(all)), make([]int, len(all))
	for i, e := range all {
		cells[i], plain[i] = l.cell(e, false)
	}
	switch l.format {
	case "columns", "across":
		l.grid(cells, plain)
	case "commas":
		fmt.Fprintln(l.p.Out, strings.Join(cells, ", "))
	default:
		for _, c := range cells {
			fmt.Fprintln(l.p.Out, c)
		}
	}
}

// cell is how a file is shown, and how wide that is.
func (l *lister) cell(e entry, long bool) (text string, width int) {
	head := ""
	if l.a.has("i") {
		head += fmt.Sprintf("%d ", e.info.Ino)
	}
	if l.a.has("s") {
		size := strconv.FormatInt(blocks(e.info), 10)
		if l.a.has("h", "si") {
			size = human(uint64(blocks(e.info)*1024), l.base())
		}
		head += size + " "
	}
	if long {
		head = ""
	}
	name, tail := l.quoted(e.name), l.suffix(e.info, long)
	width = len([]rune(head + name + tail))
	if c := l.paint(e); c != "" {
		name = "\x1b[0m\x1b[" + c + "m" + name + "\x1b[0m"
	}
	return head + name + tail, width
}

func (l *lister) quoted(name string) string {
	switch {
	case l.a.has("Q"):
		return strconv.Quote(name)
	case l.quotes && !l.a.has("b"):
		return quotedIf(name)
	}
	return name
}

func (l *lister) suffix(i vfs.Info, long bool) string {
	style := l.a.value("indicator-style", "")
	all := l.a.has("F") && l.a.value("F", "") != "never" || style == "classify"
	types := all || l.a.has("file-type") || style == "file-type"
	switch {
	case i.IsDir() && (types || l.a.has("p") || style == "slash"):
		return "/"
	case i.Mode&fs.ModeSymlink != 0 && types && !long:
		return "@"
	case i.Mode&fs.ModeNamedPipe != 0 && types:
		return "|"
	case i.Mode&fs.ModeSocket != 0 && types:
		return "="
	case i.Mode.IsRegular() && i.Mode&0o111 != 0 && all:
		return "*"
	}
	return ""
}

// paint is the colour of a file as dircolors has it without a database.
func (l *lister) paint(e entry) string {
	m := e.info.Mode
	switch {
	case !l.color:
		return ""
	case m&fs.ModeSymlink != 0:
		if _, err := l.p.Files.Stat(e.path); err != nil {
			return "40;31;01"
		}
		return "01;36"
	case m.IsDir() && m&fs.ModeSticky != 0 && m&0o002 != 0:
		return "30;42"
	case m.IsDir() && m&0o002 != 0:
		return "34;42"
	case m.IsDir():
		return "01;34"
	case m&fs.ModeNamedPipe != 0:
		return "40;33"
	case m&fs.ModeSocket != 0:
		return "01;35"
	case m&fs.ModeDevice != 0:
		return "40;33;01"
	case m&fs.ModeSetuid != 0:
		return "37;41"
	case m&fs.ModeSetgid != 0:
		return "30;43"
	case m&0o111 != 0:
		return "01;32"
	}
	return colorOfName(e.name)
}

func colorOfName(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	switch ext := name[i+1:]; {
	case strings.Contains(" tar tgz gz bz2 xz zip deb rpm jar 7z zst lzma rar cpio war ear ", " "+ext+" "):
		return "01;31"
	case strings.Contains(" jpg jpeg gif bmp png svg tif tiff mov mpg mpeg mkv webm mp4 avi webp ", " "+ext+" "):
		return "01;35"
	case strings.Contains(" mp3 ogg wav flac aac m4a mid ", " "+ext+" "):
		return "00;36"
	}
	return ""
}

// grid writes cells in columns, down or across, as wide as the window.
func (l *lister) grid(cells []string, width []int) {
	window := 80
	if l.p.Terminal != nil && l.p.Terminal.Columns > 0 {
		window = l.p.Terminal.Columns
	}
	if w, err := strconv.Atoi(l.a.value("w", l.p.Env.Get("COLUMNS"))); err == nil && w > 0 {
		window = w
	}
	across := l.format == "across"
	columns, widths := fit(width, window, across)
	rows := (len(cells) + columns - 1) / max(columns, 1)
	for r := range rows {
		var line strings.Builder
		left := 0
		for c := range columns {
			at := c*rows + r
			if across {
				at = r*columns + c
			}
			if at >= len(cells) {
				break
			}
			line.WriteString(cells[at])
			next := at + rows
			if across {
				next = at + 1
			}
			if c < columns-1 && next < len(cells) {
				line.WriteString(l.blanks(left+width[at], left+widths[c]))
			}
			left += widths[c]
		}
		fmt.Fprintln(l.p.Out, line.String())
	}
}

// blanks leads from one column of characters to another: with tabs where those
// reach far enough, unless names are coloured or -T says 0.
func (l *lister) blanks(from, to int) string {
	tab, err := strconv.Atoi(l.a.value("T", "8"))
	if err != nil || l.color {
		tab = 0
	}
	var out strings.Builder
	for from < to {
		if tab > 0 && to/tab > (from+1)/tab {
			out.WriteByte('\t')
			from += tab - from%tab
			continue
		}
		out.WriteByte(' ')
		from++
	}
	return out.String()
}

// fit finds the most columns whose widths, with two spaces between, fit.
func fit(width []int, window int, across bool) (columns int, widths []int) {
	for columns = min(len(width), max(window/3, 1)); columns > 1; columns-- {
		rows := (len(width) + columns - 1) / columns
		widths = make([]int, columns)
		for i, w := range width {
			c := i / rows
			if across {
				c = i % columns
			}
			if c < columns {
				widths[c] = max(widths[c], w+2)
			}
		}
		sum := -2
		for _, w := range widths {
			sum += w
		}
		if sum < window && (across || (len(width)+rows-1)/rows == columns) {
			return columns, widths
		}
	}
	return min(1, len(width)), []int{0}
}

func (l *lister) showLong(all []entry) {
	rows, tails := make([][]string, len(all)), make([]string, len(all))
	for i, e := range all {
		rows[i] = l.row(e)
		text, _ := l.cell(e, true)
		if e.info.Mode&fs.ModeSymlink != 0 {
			text += " -> " + l.quoted(e.info.Target)
		}
		tails[i] = text
	}
	width := make([]int, 16)
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	left := 2 // columns of names, aligned at the left
	for i, r := range rows {
		for c, text := range r {
			pad := strings.Repeat(" ", width[c]-len([]rune(text)))
			at := c - order(l.a.has("i")) - order(l.a.has("s"))
			if isName := at >= left && at < left+l.owners(); isName || at == 0 && c > 0 || at == 0 {
				r[c] = text + pad
			} else {
				r[c] = pad + text
			}
		}
		fmt.Fprintln(l.p.Out, strings.Join(r, " ")+" "+tails[i])
	}
}

// owners is how many columns name owners.
func (l *lister) owners() int {
	n := 2
	if l.a.has("g") {
		n--
	}
	if l.a.has("o", "G") {
		n--
	}
	return n + order(l.a.has("author"))
}

func (l *lister) row(e entry) (out []string) {
	if l.a.has("i") {
		out = append(out, strconv.FormatUint(e.info.Ino, 10))
	}
	if l.a.has("s") {
		out = append(out, strconv.FormatInt(blocks(e.info), 10))
	}
	out = append(out, modeString(e.info.Mode), strconv.Itoa(e.info.Nlink))
	user, group := l.names.user(e.info.UID), l.names.group(e.info.GID)
	if l.a.has("n") {
		user, group = strconv.Itoa(e.info.UID), strconv.Itoa(e.info.GID)
	}
	if !l.a.has("g") {
		out = append(out, user)
	}
	if !l.a.has("o", "G") {
		out = append(out, group)
	}
	if l.a.has("author") {
		out = append(out, user)
	}
	return append(out, l.sizeOf(e.info), l.stamp(l.time(e.info)))
}

func (l *lister) sizeOf(i vfs.Info) string {
	switch {
	case i.Mode&fs.ModeDevice != 0:
		return fmt.Sprintf("%d, %3d", i.Device.Major, i.Device.Minor)
	case l.a.has("h", "si"):
		return human(uint64(i.Size), l.base())
	}
	return strconv.FormatInt(i.Size, 10)
}

// mostTime is how long a time becomes that is written as the client says: a list of many
// files holds as many.
const mostTime = 1 << 10

// stamp writes a time as the long format has it: without the year for the last
// half of one.
func (l *lister) stamp(t time.Time) string {
	t = t.In(zone(l.p))
	style := l.a.value("time-style", l.p.Env.Get("TIME_STYLE"))
	switch {
	case l.a.has("full-time") || style == "full-iso":
		return t.Format("2006-01-02 15:04:05.000000000 -0700")
	case style == "long-iso":
		return t.Format("2006-01-02 15:04")
	case strings.HasPrefix(style, "+"):
		return strftime(style[1:], t, mostTime)
	}
	age := l.p.Now().Sub(t)
	if age < -time.Minute || age > 15778476*time.Second {
		if style == "iso" {
			return t.Format("2006-01-02 ")
		}
		return t.Format("Jan _2  2006")
	}
	if style == "iso" {
		return t.Format("01-02 15:04")
	}
	return t.Format("Jan _2 15:04")
}

// modeString is a mode as ls -l and stat show it.
func modeString(m fs.FileMode) string {
	kind := byte('-')
	switch {
	case m.IsDir():
		kind = 'd'
	case m&fs.ModeSymlink != 0:
		kind = 'l'
	case m&fs.ModeCharDevice != 0:
		kind = 'c'
	case m&fs.ModeDevice != 0:
		kind = 'b'
	case m&fs.ModeNamedPipe != 0:
		kind = 'p'
	case m&fs.ModeSocket != 0:
		kind = 's'
	}
	out := []byte{kind}
	for i, c := range "rwxrwxrwx" {
		if m&(1<<(8-i)) == 0 {
			c = '-'
		}
		out = append(out, byte(c))
	}
	special := func(at int, bit fs.FileMode, with, without byte) {
		if m&bit == 0 {
			return
		}
		if out[at] == 'x' {
			out[at] = with
		} else {
			out[at] = without
		}
	}
	special(3, fs.ModeSetuid, 's', 'S')
	special(6, fs.ModeSetgid, 's', 'S')
	special(9, fs.ModeSticky, 't', 'T')
	return string(out)
}
