package command

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func measuring() table {
	return table{"stat": stat, "du": du, "df": df, "file": file, "cmp": cmpFiles, "diff": diff, "dd": dd}
}

// device is the number of the root file system's device.
const device = 0x801

func stat(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("L,dereference f,file-system c,format: printf: t,terse cached:", "[OPTION]... FILE..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	who := newNames(p.Machine)
	for _, name := range a.rest {
		if p.Step(ctx) != nil {
			return 143
		}
		look := p.Files.Lstat
		if a.has("L") {
			look = p.Files.Stat
		}
		i, err := look(name)
		if err != nil {
			p.Errorf("cannot statx %s: %s", quoted(name), reason(err))
			status = 1
			continue
		}
		s := stater{p, name, i, who}
		switch {
		case a.has("f"):
			s.system()
		case a.has("c"):
			fmt.Fprintln(p.Out, s.format(a.value("c", ""), false))
		case a.has("printf"):
			fmt.Fprint(p.Out, s.format(a.value("printf", ""), true))
		case a.has("t"):
			fmt.Fprintln(p.Out, s.format("%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o", false))
		default:
			s.whole()
		}
	}
	return status
}

type stater struct {
	p     *shell.Proc
	name  string
	i     vfs.Info
	names names
}

func (s stater) time(t time.Time) string {
	return t.In(zone(s.p)).Format("2006-01-02 15:04:05.000000000 -0700")
}

func (s stater) kind() string {
	switch m := s.i.Mode; {
	case m.IsDir():
		return "directory"
	case m&fs.ModeSymlink != 0:
		return "symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "fifo"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeCharDevice != 0:
		return "character special file"
	case m&fs.ModeDevice != 0:
		return "block special file"
	case s.i.Size == 0:
		return "regular empty file"
	}
	return "regular file"
}

func (s stater) whole() {
	i, title := s.i, s.name
	if i.Target != "" {
		title += " -> " + i.Target
	}
	fmt.Fprintf(s.p.Out, "  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\n", title, i.Size, blocks(i)*2, s.kind())
	if i.Mode&fs.ModeDevice != 0 {
		fmt.Fprintf(s.p.Out, "Device: 0,5\tInode: %-10d  Links: %-5d Device type: %d,%d\n", i.Ino, i.Nlink, i.Device.Major, i.Device.Minor)
	} else {
		fmt.Fprintf(s.p.Out, "Device: 8,1\tInode: %-10d  Links: %d\n", i.Ino, i.Nlink)
	}
	fmt.Fprintf(s.p.Out, "Access: (%04o/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\n", fromMode(i.Mode), modeString(i.Mode), i.UID, s.names.user(i.UID), i.GID, s.names.group(i.GID))
	fmt.Fprintf(s.p.Out, "Access: %s\nModify: %s\nChange: %s\n Birth: %s\n", s.time(i.Atime), s.time(i.Mtime), s.time(i.Ctime), s.time(i.Ctime))
}

func (s stater) format(format string, escapes bool) string {
	var out strings.Builder
	for i := 0; i < len(format) && out.Len() < mostFormatted; i++ {
		switch {
		case escapes && format[i] == '\\' && i+1 < len(format):
			i++
			if j := strings.IndexByte(`nt\`, format[i]); j >= 0 {
				out.WriteByte("\n\t\\"[j])
			}
		case format[i] == '%' && i+1 < len(format):
			start := i
			for i++; i < len(format)-1 && strings.IndexByte("-0123456789", format[i]) >= 0; i++ {
			}
			fmt.Fprintf(&out, format[start:i]+"s", s.part(format[i]))
		default:
			out.WriteByte(format[i])
		}
	}
	return out.String()
}

func (s stater) part(c byte) string {
	i := s.i
	numbers := map[byte]int64{'s': i.Size, 'b': blocks(i) * 2, 'B': 512, 'o': 4096, 'h': int64(i.Nlink), 'i': int64(i.Ino), 'u': int64(i.UID), 'g': int64(i.GID), 'X': i.Atime.Unix(), 'Y': i.Mtime.Unix(), 'Z': i.Ctime.Unix(), 'W': i.Ctime.Unix(), 'd': device}
	if n, ok := numbers[c]; ok {
		return strconv.FormatInt(n, 10)
	}
	switch c {
	case '%':
		return "%"
	case 'n':
		return s.name
	case 'N':
		if i.Target != "" {
			return quoted(s.name) + " -> " + quoted(i.Target)
		}
		return quoted(s.name)
	case 'a':
		return fmt.Sprintf("%o", fromMode(i.Mode))
	case 'A':
		return modeString(i.Mode)
	case 'f':
		return fmt.Sprintf("%x", fromMode(i.Mode)|map[byte]uint32{'-': 0x8000, 'd': 0x4000, 'l': 0xa000, 'c': 0x2000, 'b': 0x6000, 'p': 0x1000, 's': 0xc000}[modeString(i.Mode)[0]])
	case 'F':
		return s.kind()
	case 'U':
		return s.names.user(i.UID)
	case 'G':
		return s.names.group(i.GID)
	case 'x':
		return s.time(i.Atime)
	case 'y':
		return s.time(i.Mtime)
	case 'z', 'w':
		return s.time(i.Ctime)
	case 'D':
		return fmt.Sprintf("%x", device)
	case 't':
		return fmt.Sprintf("%x", i.Device.Major)
	case 'T':
		return fmt.Sprintf("%x", i.Device.Minor)
	case 'm':
		return "/"
	}
	return "?"
}

func (s stater) system() {
	total, used := disk(s.p)
	fmt.Fprintf(s.p.Out, "  File: \"%s\"\n    ID: %s Namelen: 255     Type: ext2/ext3\nBlock size: 4096       Fundamental block size: 4096\nBlocks: Total: %-10d Free: %-10d Available: %d\nInodes: Total: %-10d Free: %d\n",
		s.name, world.RootUUID(s.p.Machine.Persona())[:8], total/4, (total-used)/4, (total*95/100-used)/4, total/16, total/16-61_000)
}

// disk is the size of the root file system and what is used of it, in KiB.
func disk(p *shell.Proc) (total, used uint64) {
	me := p.Machine.Persona()
	total = me.Disk / 1024 * 98 / 100
	added, _ := p.Machine.Files().Used()
	r := me.Rand("command: disk")
	return total, 1_450_000 + uint64(float64(total)*(0.03+0.4*r.Float64())) + uint64(added/1024)
}

// du adds up what files take.
func du(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("0,null a,all apparent-size B,block-size: b,bytes c,total D,dereference-args d,max-depth: h,human-readable si k L,dereference l,count-links m P,no-dereference S,separate-dirs s,summarize t,threshold: time? X,exclude-from: exclude: x,one-file-system inodes", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	u := &usage{ctx: ctx, p: p, a: a, most: 1 << 30}
	if a.has("d") {
		n, err := strconv.Atoi(a.value("d", ""))
		if err != nil || n < 0 {
			p.Errorf("invalid maximum depth %s", quote(p, a.value("d", "")))
			try(p)
			return 1
		}
		u.most = n
	}
	if a.has("s") {
		u.most = 0
	}
	names := a.rest
	if len(names) == 0 {
		names = []string{"."}
	}
	total := int64(0)
	for _, name := range names {
		i, err := p.Files.Lstat(name)
		if err != nil {
			p.Errorf("cannot access %s: %s", quoted(name), reason(err))
			u.status = 1
			continue
		}
		total += u.add(name, i, 0)
	}
	if a.has("c") {
		u.line(total, "total")
	}
	return u.status
}

type usage struct {
	ctx    context.Context
	p      *shell.Proc
	a      *arguments
	most   int
	status int
}

// size of a file in bytes, as du counts.
func (u *usage) size(i vfs.Info) int64 {
	if u.a.has("b", "apparent-size") {
		return i.Size
	}
	return blocks(i) * 1024
}

func (u *usage) add(name string, i vfs.Info, depth int) int64 {
	sum := u.size(i)
	if u.p.Step(u.ctx) != nil {
		return sum
	}
	if i.IsDir() {
		list, err := u.p.Files.ReadDir(name)
		if err != nil {
			u.p.Errorf("cannot read directory %s: %s", quoted(name), reason(err))
			u.status = 1
		}
		for _, e := range list {
			sum += u.add(strings.TrimSuffix(name, "/")+"/"+e.Name, e, depth+1)
		}
	}
	if depth <= u.most && (i.IsDir() || u.a.has("a") || depth == 0) {
		u.line(sum, name)
	}
	return sum
}

func (u *usage) line(bytes int64, name string) {
	text := strconv.FormatInt((bytes+1023)/1024, 10)
	switch {
	case u.a.has("h"):
		text = human(uint64(bytes), 1024)
	case u.a.has("si"):
		text = human(uint64(bytes), 1000)
	case u.a.has("b"):
		text = strconv.FormatInt(bytes, 10)
	case u.a.has("m"):
		text = strconv.FormatInt((bytes+1<<20-1)>>20, 10)
	}
	fmt.Fprintf(u.p.Out, "%s\t%s\n", text, name)
}
