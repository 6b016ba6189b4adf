package scp

import (
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/ssh/sftp"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// receive takes files into the only name.
func (c *copier) receive() error {
	if len(c.names) != 1 {
		_ = c.complain("ambiguous target") // the copy ends either way
		return errStop
	}
	target := c.names[0]
	if c.directory {
		info, err := c.Files.Stat(target)
		if err == nil && !info.IsDir() {
			err = vfs.ENOTDIR
		}
		if err != nil {
			_ = c.complain("%s: %s", target, reason(err))
			return errStop
		}
	}
	err := c.sink(target, 0)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// stamp is when a file was changed and read.
type stamp struct {
	mtime, atime time.Time
	set          bool
}

// sink takes what comes into a folder, or into one file.
func (c *copier) sink(target string, depth int) error {
	if err := c.acknowledge(); err != nil {
		return err
	}
	info, err := c.Files.Stat(target)
	inside := err == nil && info.IsDir()
	when := stamp{}
	for first := true; ; first = false {
		kind, err := c.r.ReadByte()
		if err != nil {
			return io.EOF // the client is done
		}
		if kind == '\n' {
			return c.screwUp("unexpected <newline>")
		}
		line, err := c.line()
		if err != nil {
			return c.screwUp("lost connection")
		}
		done, err := c.message(kind, line, target, inside, first, depth, &when)
		if done || err != nil {
			return err
		}
	}
}

// message does what one line of the client says; done ends the folder.
func (c *copier) message(kind byte, line, target string, inside, first bool, depth int, when *stamp) (done bool, err error) {
	switch kind {
	case 1:
		c.failed = true
		return false, nil
	case 2:
		return true, errStop
	case 'E':
		return true, c.acknowledge()
	case 'T':
		if *when, err = c.parseTimes(line); err != nil {
			return true, err
		}
		return false, c.acknowledge()
	case 'C', 'D':
		e, err := c.parseEntry(kind, line)
		if err != nil {
			return true, err
		}
		e.when, *when = *when, stamp{}
		e.path = target
		if inside {
			e.path = strings.TrimSuffix(target, "/") + "/" + e.name
		}
		return false, c.entry(e, depth)
	}
	if first {
		_ = c.complain("%s", string(rune(kind))+line)
		return true, errStop
	}
	return true, c.screwUp("expected control record")
}

// entry is a file or a folder that the client announces.
type entry struct {
	folder bool
	mode   fs.FileMode
	size   int64
	name   string
	path   string
	when   stamp
}

// parseTimes reads "MTIME 0 ATIME 0", seconds and microseconds each.
func (c *copier) parseTimes(line string) (s stamp, err error) {
	names := []string{"mtime.sec", "mtime.usec", "atime.sec", "atime.usec"}
	var n [4]int64
	for i, name := range names {
		if i%2 == 0 && (line == "" || line[0] < '0' || line[0] > '9') {
			return s, c.screwUp(name + " not present")
		}
		part, rest, more := strings.Cut(line, " ")
		if more == (i == 3) {
			return s, c.screwUp(name + " not delimited")
		}
		if n[i], err = strconv.ParseInt(part, 10, 64); err != nil || i%2 == 1 && (n[i] < 0 || n[i] > 999_999) {
			return s, c.screwUp(name + " not delimited")
		}
		line = rest
	}
	return stamp{time.Unix(n[0], 0), time.Unix(n[2], 0), true}, nil
}

func (c *copier) parseEntry(kind byte, line string) (e entry, err error) {
	mode, rest, ok := strings.Cut(line, " ")
	for i := range 4 {
		if i >= len(mode) || mode[i] < '0' || mode[i] > '7' {
			return e, c.screwUp("bad mode")
		}
	}
	if len(mode) > 4 || !ok {
		return e, c.screwUp("mode not delimited")
	}
	bits, _ := strconv.ParseUint(mode, 8, 16)
	size, name, ok := strings.Cut(rest, " ")
	if size == "" || size[0] < '0' || size[0] > '9' {
		return e, c.screwUp("size not present")
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || !ok {
		return e, c.screwUp("size not delimited")
	}
	if name == "" || strings.Contains(name, "/") || name == "." || name == ".." {
		_ = c.complain("error: unexpected filename: %s", name)
		return e, errStop
	}
	return entry{folder: kind == 'D', mode: mode16(uint32(bits)), size: n, name: name}, nil
}

func (c *copier) entry(e entry, depth int) error {
	if e.folder {
		return c.makeFolder(e, depth)
	}
	f, err := c.Files.Open(e.path, vfs.O_WRONLY|vfs.O_CREATE, e.mode)
	if err != nil {
		return c.complain("%s: %s", e.path, reason(err))
	}
	defer f.Close()
	if err := c.acknowledge(); err != nil {
		return err
	}
	written, err := c.fill(f, e.size)
	if err != nil {
		return err
	}
	if ok, err := c.response(); !ok {
		return err
	}
	return c.complete(f, e, written)
}

// chunk is how much scp collects before it writes.
const chunk = 16 << 10

// fill writes what comes into a file. When that fails, the rest is read and
// dropped, and the error is for the client.
func (c *copier) fill(f *vfs.File, size int64) (written error, err error) {
	b := make([]byte, min(size, chunk))
	for size > 0 {
		b = b[:min(size, chunk)]
		n, err := io.ReadFull(c.r, b)
		if err != nil {
			what := "dropped connection"
			if n > 0 {
				what = vfs.EPIPE.Error()
			}
			_ = c.complain("%s", what) // the copy ends either way
			return written, errStop
		}
		size -= int64(n)
		if written == nil {
			_, written = f.Write(b)
		}
	}
	return written, nil
}

// complete gives a file its length, mode and times and says how it went.
func (c *copier) complete(f *vfs.File, e entry, failed error) error {
	info, err := f.Stat()
	if failed == nil {
		failed = err
	}
	if err == nil && info.Size > e.size && info.Mode.IsRegular() {
		failed = f.Truncate(e.size)
	}
	if c.preserve {
		_ = c.Files.Chmod(e.path, e.mode) // as scp, which only warns
	}
	if e.when.set {
		_ = c.Files.Chtimes(e.path, e.when.atime, e.when.mtime)
	}
	if c.Session != nil {
		at := e.path
		if real, err := c.Files.Real(e.path); err == nil {
			at = real
		}
		c.kept += sftp.Keep(c.Files, c.Session, at, "scp", sftp.MaxKept-c.kept)
	}
	if failed != nil {
		return c.complain("%s: %s", e.path, reason(failed))
	}
	return c.acknowledge()
}

func (c *copier) makeFolder(e entry, depth int) error {
	if !c.recursive {
		return c.screwUp("received directory without -r")
	}
	if depth >= maxDepth {
		return c.screwUp("too many directories")
	}
	info, err := c.Files.Stat(e.path)
	switch {
	case err == nil && !info.IsDir():
		return c.complain("%s: %s", e.path, vfs.ENOTDIR)
	case err != nil:
		if err := c.Files.Mkdir(e.path, e.mode|0o700); err != nil {
			return c.complain("%s: %s", e.path, reason(err))
		}
	}
	if err := c.sink(e.path, depth+1); err != nil {
		return err
	}
	if e.when.set {
		_ = c.Files.Chtimes(e.path, e.when.atime, e.when.mtime)
	}
	if c.preserve {
		_ = c.Files.Chmod(e.path, e.mode)
	}
	return nil
}
