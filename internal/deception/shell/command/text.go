package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// utf8 reports whether the locale of a program is one of UTF-8.
func utf8Locale(p *shell.Proc) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := p.Env.Get(name); v != "" {
			return strings.Contains(strings.ToLower(strings.ReplaceAll(v, "-", "")), "utf8")
		}
	}
	return false
}

// quote puts a name into the quotation marks of the locale.
func quote(p *shell.Proc, s string) string {
	if utf8Locale(p) {
		return "‘" + s + "’"
	}
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}

// quoted puts a name into quotes that a shell would understand, always.
func quoted(s string) string {
	if strings.Contains(s, "'") && !strings.ContainsAny(s, "\"$`\\!") {
		return `"` + s + `"`
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 127 }) {
		return escaped(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// escaped quotes a name that has control characters, as ls does: pieces of
// plain text, and between them pieces in the notation of $'…'.
func escaped(s string) string {
	var out strings.Builder
	out.WriteString("'")
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '\n':
			out.WriteString(`'$'\n''`)
		case c == '\t':
			out.WriteString(`'$'\t''`)
		case c < ' ' || c == 127:
			fmt.Fprintf(&out, `'$'\%03o''`, c)
		case c == '\'':
			out.WriteString(`'\''`)
		default:
			out.WriteByte(c)
		}
	}
	return out.String() + "'"
}

// quotedIf is quoted for names that a shell would not take as they are.
func quotedIf(s string) string {
	if s == "" || strings.ContainsAny(s, " \t\n\"'$`\\|&;<>()*?[]!^={},") || s[0] == '~' || s[0] == '#' {
		return quoted(s)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 127 {
			return quoted(s)
		}
	}
	return s
}

// colon is quotedIf for messages in which a colon follows the name.
func colon(s string) string {
	if strings.Contains(s, ":") {
		return quoted(s)
	}
	return quotedIf(s)
}

// reason is why a call failed, in the C library's words.
func reason(err error) string {
	var e vfs.Errno
	var p *fs.PathError
	switch {
	case err == nil:
		return "Success"
	case errors.As(err, &e):
		return string(e)
	case errors.As(err, &p):
		return p.Err.Error()
	}
	return "Input/output error"
}

// units are the steps of sizes.
const units = "KMGTPEZY"

// human writes a size as -h does: rounded up, one digit behind the point below
// ten.
func human(n uint64, base float64) string {
	v, unit := float64(n), -1
	if v < base {
		return strconv.FormatUint(n, 10)
	}
	for v >= base && unit < len(units)-1 {
		v /= base
		unit++
		if math.Ceil(v*10) < 100 || math.Ceil(v) < base {
			break
		}
	}
	name := units[unit : unit+1]
	if base == 1000 && unit == 0 {
		name = "k"
	}
	if math.Ceil(v*10) < 100 {
		return strconv.FormatFloat(math.Ceil(v*10)/10, 'f', 1, 64) + name
	}
	return strconv.FormatFloat(math.Ceil(v), 'f', 0, 64) + name
}

// parseSize reads a number with one of coreutils' suffixes: 10K, 3MB, 2GiB, 5b.
func parseSize(s string) (int64, bool) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9') {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	if err != nil && end > 0 {
		return math.MaxInt64, true // of more than fits
	}
	suffix := s[end:]
	if end == 0 {
		if n = 1; suffix == "" {
			return 0, false
		}
	}
	factor, ok := sizeFactor(suffix)
	if !ok || n > math.MaxInt64/max(factor, 1) {
		return math.MaxInt64, ok
	}
	return n * factor, true
}

func sizeFactor(suffix string) (int64, bool) {
	switch suffix {
	case "":
		return 1, true
	case "b":
		return 512, true
	case "c":
		return 1, true
	case "w":
		return 2, true
	}
	i := strings.IndexByte("kKmMGTPE", suffix[0])
	if i < 0 {
		return 0, false
	}
	power := []int{1, 1, 2, 2, 3, 4, 5, 6}[i]
	switch suffix[1:] {
	case "", "iB":
		return int64(math.Pow(1024, float64(power))), true
	case "B":
		return int64(math.Pow(1000, float64(power))), true
	}
	return 0, false
}

// source opens an operand for reading: - is standard input.
func source(p *shell.Proc, name string) (io.ReadCloser, error) {
	if name == "-" || name == "" {
		return io.NopCloser(p.In), nil
	}
	f, err := p.Files.Open(name, vfs.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	if i, err := f.Stat(); err == nil && i.IsDir() {
		return directory{f}, nil
	}
	return f, nil
}

// directory is a folder that was opened as a file: reading it fails.
type directory struct{ *vfs.File }

// Read implements io.Reader.
func (directory) Read([]byte) (int, error) { return 0, vfs.EISDIR }

// mostHeld is how many bytes a program keeps of what it reads; a real one would
// run out of memory far later.
const mostHeld = 16 << 20

var errMemory = vfs.Errno("memory exhausted")

// readAll reads a whole operand, within bounds.
func readAll(ctx context.Context, p *shell.Proc, name string) ([]byte, error) {
	r, err := source(p, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return hold(ctx, p, r)
}

// lineCost is what a line takes beside its bytes in a program that keeps lines, as
// most do: of empty lines there would otherwise be a hundred times what they count.
const lineCost = 16

// hold reads to the end, within bounds.
func hold(ctx context.Context, p *shell.Proc, r io.Reader) (out []byte, err error) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := r.Read(buffer)
		if !p.Hold(n + lineCost*bytes.Count(buffer[:n], []byte("\n"))) {
			return out, errMemory
		}
		out = append(out, buffer[:n]...)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		case len(out) > mostHeld:
			return out, errMemory
		case effort(ctx, p, n, lookCost) != nil:
			return out, vfs.EINTR
		}
	}
}

// What a KiB costs a program, in units of shell.Proc.Work.
const (
	copyCost   = 25 // it hands it on, or has the kernel make it
	lookCost   = 128
	unpackCost = 768
	packCost   = 2048
	turnCost   = 64 // a turn of a loop, however little it moves
)

// effort counts what a program did with some bytes: counted in turns alone, a login
// would have all processors for little.
func effort(ctx context.Context, p *shell.Proc, bytes, cost int) error {
	return p.Work(ctx, turnCost+bytes*cost>>10)
}

// copyTo copies until the end of r, or of the program.
func copyTo(ctx context.Context, p *shell.Proc, w io.Writer, r io.Reader) error {
	return move(ctx, p, w, r, copyCost)
}

// move is copyTo for a program whose writer or reader takes more than copying.
func move(ctx context.Context, p *shell.Proc, w io.Writer, r io.Reader, cost int) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case effort(ctx, p, n, cost) != nil:
			return vfs.EINTR
		}
	}
}

// lineReader reads lines of bounded length.
type lineReader struct {
	ctx  context.Context
	p    *shell.Proc
	r    io.Reader
	end  byte // what ends a line
	buf  []byte
	rest []byte
	held int // the longest line so far
	err  error
}

func newLines(ctx context.Context, p *shell.Proc, r io.Reader, end byte) *lineReader {
	return &lineReader{ctx: ctx, p: p, r: r, end: end, buf: make([]byte, 16<<10)}
}

// next returns a line without its end, and whether it had one. ok is false at
// the end of the input, whose error is then err.
func (l *lineReader) next() (line []byte, ended, ok bool) {
	for from := 0; ; {
		if i := indexByte(l.rest[from:], l.end); i >= 0 {
			line, l.rest = l.rest[:from+i:from+i], l.rest[from+i+1:]
			return line, true, true
		}
		from = len(l.rest)
		if l.err != nil || from > mostHeld || !l.room(from+len(l.buf)) || effort(l.ctx, l.p, len(l.buf), lookCost) != nil {
			line, l.rest = l.rest, nil
			return line, false, len(line) > 0
		}
		n, err := l.r.Read(l.buf)
		l.rest = append(l.rest, l.buf[:n]...) // behind all lines that were given out
		l.err = err
	}
}

// shortLine is how long a line may be that is not counted.
const shortLine = 64 << 10

// room counts a line that grows to a size, and reports whether it may.
func (l *lineReader) room(size int) bool {
	grown := size - max(l.held, shortLine)
	if grown <= 0 {
		return true
	}
	if !l.p.Hold(grown) {
		return false
	}
	l.held = size
	return true
}

func indexByte(b []byte, c byte) int {
	for i := range b {
		if b[i] == c {
			return i
		}
	}
	return -1
}

// failure is what stopped the reader, nil at a plain end.
func (l *lineReader) failure() error {
	if l.err == nil || errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}

// splitLines splits a text into lines without their ends.
func splitLines(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// columns writes rows as a table: cells padded to the widest of their column,
// right-aligned where right says so.
func columns(w io.Writer, rows [][]string, right func(column int) bool, gap string) {
	var width []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-len([]rune(c)))
			if i > 0 {
				line.WriteString(gap)
			}
			if right != nil && right(i) {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
