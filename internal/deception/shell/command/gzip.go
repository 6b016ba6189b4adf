package command

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func packers() table {
	return table{"tar": tarProgram, "gzip": gzipAs(), "gunzip": gzipAs("-d"), "uncompress": gzipAs("-d"), "zcat": gzipAs("-cd")}
}

const gzipVersion = `gzip 1.12
Copyright (C) 2018 Free Software Foundation, Inc.
Copyright (C) 1993 Jean-loup Gailly.
This is free software.  You may redistribute copies of it under the terms of
the GNU General Public License <https://www.gnu.org/licenses/gpl.html>.
There is NO WARRANTY, to the extent permitted by law.

Written by Jean-loup Gailly.
`

// gzipAs returns gzip with options before those that are given: the others of
// the family are scripts that call it so, which is why it names itself alone.
func gzipAs(before ...string) shell.Command {
	return func(ctx context.Context, p *shell.Proc) int {
		c := *p
		c.Args = append(append([]string{"gzip"}, before...), p.Args[1:]...)
		a, status := options(&c, tool{
			spec:  "c,stdout,to-stdout d,decompress,uncompress f,force h k,keep l,list L,license n,no-name N,name q,quiet r,recursive rsyncable S,suffix: synchronous t,test v,verbose V 1,fast 2 3 4 5 6 7 8 9,best",
			usage: "[OPTION]... [FILE]...", version: strings.TrimSuffix(strings.TrimPrefix(gzipVersion, "gzip "), "\n"), try: "Try `gzip --help' for more information.",
		})
		switch {
		case a == nil:
			return status
		case a.has("V", "L"):
			_, _ = io.WriteString(p.Out, gzipVersion)
			return 0
		}
		g := &gzipper{ctx: ctx, p: &c, a: a, suffix: "." + strings.TrimPrefix(a.value("S", ".gz"), ".")}
		return g.run()
	}
}

type gzipper struct {
	ctx    context.Context
	p      *shell.Proc
	a      *arguments
	suffix string
	status int
	listed bool // the head of a list was written
	around int  // bytes of head and tail of what was converted last
}

func (g *gzipper) unpacks() bool { return g.a.has("d", "t", "l") }

func (g *gzipper) run() int {
	for _, name := range orDash(g.a.rest) {
		if name == "-" {
			g.standard()
		} else {
			g.operand(name)
		}
	}
	return g.status
}

// warn and fail say what is wrong; a failure outweighs a warning.
func (g *gzipper) warn(format string, args ...any) {
	if !g.a.has("q") {
		g.p.Errorf(format, args...)
	}
	if g.status == 0 {
		g.status = 2
	}
}

func (g *gzipper) fail(format string, args ...any) {
	g.p.Errorf(format, args...)
	g.status = 1
}

// standard works from standard input to standard output.
func (g *gzipper) standard() {
	fd, does, what := 1, "written to", ""
	if g.unpacks() {
		fd, does, what = 0, "read from", "de"
	}
	if g.p.InTerminal(fd) && !g.a.has("f", "l") {
		fmt.Fprintf(g.p.Err, "gzip: compressed data not %s a terminal. Use -f to force %scompression.\nFor help, type: gzip -h\n", does, what)
		g.status = 1
		return
	}
	if _, err := g.convert(g.p.Out, g.p.In, vfs.Info{}); err != nil {
		g.damaged("stdin", err)
	}
}

// operand works on a file, or on all files of a folder.
func (g *gzipper) operand(name string) {
	i, err := g.p.Files.Lstat(name)
	if err != nil && g.unpacks() && !strings.HasSuffix(name, g.suffix) {
		name += g.suffix
		i, err = g.p.Files.Lstat(name)
	}
	if err == nil && i.Target != "" && g.a.has("c", "t", "l", "f") {
		i, err = g.p.Files.Stat(name)
	}
	switch {
	case err != nil:
		g.fail("%s: %s", name, reason(err))
	case i.Target != "":
		g.fail("%s: %s", name, vfs.ELOOP)
	case i.IsDir() && g.a.has("r"):
		g.folder(name)
	case i.IsDir():
		g.warn("%s is a directory -- ignored", name)
	case !i.Mode.IsRegular() && !g.a.has("c", "f"):
		g.warn("%s is not a directory or a regular file - ignored", name)
	default:
		g.file(name, i)
	}
}

func (g *gzipper) folder(name string) {
	list, err := g.p.Files.ReadDir(name)
	if err != nil {
		g.fail("%s: %s", name, reason(err))
	}
	for _, i := range list {
		if g.p.Step(g.ctx) != nil {
			return
		}
		g.operand(path.Join(name, i.Name))
	}
}

// target is the file that an operand becomes; "" when it is left as it is.
func (g *gzipper) target(name string) string {
	known := map[string]string{g.suffix: "", ".gz": "", "-gz": "", ".z": "", ".Z": "", ".tgz": ".tar", ".taz": ".tar"}
	ext := path.Ext(name)
	with, packed := known[ext]
	switch {
	case g.unpacks() && !packed:
		g.warn("%s: unknown suffix -- ignored", name)
		return ""
	case g.unpacks():
		return strings.TrimSuffix(name, ext) + with
	case packed:
		g.p.Errorf("%s already has %s suffix -- unchanged", name, ext)
		return ""
	}
	return name + g.suffix
}

func (g *gzipper) file(name string, i vfs.Info) {
	to := ""
	if !g.a.has("c", "t", "l") {
		if to = g.target(name); to == "" {
			return
		}
	}
	in, err := g.p.Files.Open(name, vfs.O_RDONLY, 0)
	if err != nil {
		g.fail("%s: %s", name, reason(err))
		return
	}
	defer in.Close()
	if to == "" {
		g.shown(name, in, i)
		return
	}
	g.replace(name, to, in, i)
}

// shown writes a file to standard output, tests or lists it.
func (g *gzipper) shown(name string, in io.Reader, i vfs.Info) {
	out := g.p.Out
	if g.a.has("t", "l") {
		out = io.Discard
	} else if !g.unpacks() && g.p.InTerminal(1) && !g.a.has("f") {
		g.standard()
		return
	}
	n, err := g.convert(out, in, i)
	switch {
	case err != nil:
		g.damaged(name, err)
	case g.a.has("l"):
		g.list(strings.TrimSuffix(name, g.suffix), i.Size, n)
	case g.a.has("t") && g.a.has("v"):
		fmt.Fprintf(g.p.Err, "%s:\t OK\n", name)
	}
}

func (g *gzipper) list(name string, packed, plain int64) {
	if !g.listed {
		fmt.Fprintln(g.p.Out, "         compressed        uncompressed  ratio uncompressed_name")
		g.listed = true
	}
	fmt.Fprintf(g.p.Out, "%19d %19d %5.1f%% %s\n", packed, plain, g.saved(packed, plain), name)
}

// saved is how much smaller a file became, in percent, without the head and the
// tail of the format.
func (g *gzipper) saved(packed, plain int64) float64 {
	if plain == 0 {
		return 0
	}
	return 100 * float64(plain-(packed-int64(g.around))) / float64(plain)
}

// replace puts the other form of a file in its place.
func (g *gzipper) replace(name, to string, in io.Reader, i vfs.Info) {
	if _, err := g.p.Files.Lstat(to); err == nil && !g.mayReplace(to) {
		return
	}
	out, err := g.p.Files.Open(to, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_EXCL, 0o600)
	if err != nil {
		g.fail("%s: %s", to, reason(err))
		return
	}
	n, err := g.convert(out, in, i)
	made, _ := out.Stat()
	_ = out.Close()
	if err != nil {
		_ = g.p.Files.Remove(to)
		g.damaged(name, err)
		return
	}
	_ = g.p.Files.Chown(to, i.UID, i.GID)
	_ = g.p.Files.Chmod(to, i.Mode.Perm())
	_ = g.p.Files.Chtimes(to, i.Atime, i.Mtime)
	how := "created"
	if !g.a.has("k") {
		how = "replaced with"
		_ = g.p.Files.Remove(name)
	}
	if g.a.has("v") {
		packed := made.Size
		if g.unpacks() {
			packed = i.Size
		}
		fmt.Fprintf(g.p.Err, "%s:\t%5.1f%% -- %s %s\n", name, g.saved(packed, n), how, to)
	}
}

// mayReplace asks whether a file that is there is to be written over.
func (g *gzipper) mayReplace(to string) bool {
	if !g.a.has("f") {
		fmt.Fprintf(g.p.Err, "gzip: %s already exists;", to)
		answer := ""
		if g.p.InTerminal(0) {
			fmt.Fprint(g.p.Err, " do you wish to overwrite (y or n)? ")
			line, _, _ := newLines(g.ctx, g.p, g.p.In, '\n').next()
			answer = string(line)
		}
		if !strings.HasPrefix(strings.ToLower(answer), "y") {
			fmt.Fprintln(g.p.Err, "\tnot overwritten")
			g.status = max(g.status, 2*(1-g.status))
			return false
		}
	}
	_ = g.p.Files.Remove(to)
	return true
}

// packer is about how much memory what packs takes.
const packer = 1 << 20

// convert packs or unpacks, and returns how many plain bytes there were.
func (g *gzipper) convert(out io.Writer, in io.Reader, i vfs.Info) (plain int64, err error) {
	if g.unpacks() {
		r := &unpacker{r: bufio.NewReader(in), plainToo: g.a.has("f") && (g.a.has("c") || i.Name == "")}
		n := &counting{w: out}
		err := move(g.ctx, g.p, n, r, unpackCost)
		if r.z != nil {
			g.around = around(r.z.Name)
		}
		return n.n, err
	}
	level := gzip.DefaultCompression
	if o := g.a.last("1", "2", "3", "4", "5", "7", "8", "9"); o != "" {
		level = int(o[0] - '0')
	}
	if !g.p.Hold(packer) {
		return 0, errMemory
	}
	defer g.p.Hold(-packer)
	w, err := gzip.NewWriterLevel(out, level)
	if err != nil {
		return 0, err
	}
	w.OS = 3
	if !g.a.has("n") && i.Name != "" && strings.IndexFunc(i.Name, func(r rune) bool { return r > 126 }) < 0 {
		w.Name, w.ModTime = i.Name, i.Mtime
	}
	g.around = around(w.Name)
	n := &counting{w: w}
	if err := move(g.ctx, g.p, n, in, packCost); err != nil {
		return n.n, err
	}
	return n.n, w.Close()
}

// around is the length of head and tail of a member (RFC 1952).
func around(name string) int {
	if name == "" {
		return 18
	}
	return 19 + len(name)
}

// counting counts what is written.
type counting struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counting) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
