package ledger

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The names of the folder's files.
const (
	active      = "audit.log"
	checkpoints = "checkpoints.log"
	floorFile   = "floor.json"
	people      = "network_access.log"
	metricsFile = "metrics.json"
	lockFile    = ".lock"
	tmp         = ".tmp"
	packed      = ".gz"
)

// rotated is the name of a file that no longer grows, after its first line.
func rotated(first uint64) string { return fmt.Sprintf("audit-%020d.log", first) }

// segment is one file of the chain.
type segment struct {
	path  string
	first uint64 // as its name says; 0: the active file
	gz    bool

	opened *os.File // already; nil: open opens path
}

// segments lists the chain's files in their order. Where a crash left a file
// both plain and compressed, the plain one counts.
func segments(dir string) ([]segment, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the audit log: %w", err)
	}
	form := regexp.MustCompile(`^audit-(\d{20})\.log(\.gz)?$`)
	byFirst := map[uint64]segment{}
	for _, n := range names {
		m := form.FindStringSubmatch(n.Name())
		if m == nil {
			continue
		}
		first, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			continue
		}
		s := segment{path: filepath.Join(dir, n.Name()), first: first, gz: m[2] != ""}
		if old, there := byFirst[first]; !there || old.gz {
			byFirst[first] = s
		}
	}
	var all []segment
	for _, s := range byFirst {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b segment) int { return strings.Compare(rotated(a.first), rotated(b.first)) })
	if _, err := os.Stat(filepath.Join(dir, active)); err == nil {
		all = append(all, segment{path: filepath.Join(dir, active)})
	}
	return all, nil
}

// open reads a segment, whatever its form.
func (s segment) open() (io.ReadCloser, error) {
	if s.opened != nil {
		return s.opened, nil
	}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	if !s.gz {
		return f, nil
	}
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unpacking %s: %w", filepath.Base(s.path), err), f.Close())
	}
	return unpacking{z, f}, nil
}

type unpacking struct {
	*gzip.Reader
	under io.Closer
}

func (u unpacking) Close() error { return errors.Join(u.Reader.Close(), u.under.Close()) }

// pack compresses a rotated file. At every instant the plain or the packed file
// is there, whole.
func pack(s segment) (err error) {
	in, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	part := s.path + packed + tmp
	if err := packInto(part, in); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, s.path+packed); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(s.path)), os.Remove(s.path))
}

func packInto(path string, in io.Reader) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(out)
	_, err = io.Copy(z, in)
	return errors.Join(err, z.Close(), out.Sync(), out.Close())
}

// replace writes a small file so that at every instant the old or the new one
// is there, whole.
func replace(path string, content []byte) error {
	f, err := os.OpenFile(path+tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+tmp))
	}
	if err := os.Rename(path+tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// sweep removes what a crash left half made.
func sweep(dir string) (err error) {
	for _, form := range []string{"audit-*.log" + packed, floorFile, checkpoints, metricsFile} {
		left, bad := filepath.Glob(filepath.Join(dir, form+tmp))
		err = errors.Join(err, bad)
		for _, path := range left {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
