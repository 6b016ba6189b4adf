package caller

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// search is one look through the descriptors of processes.
type search struct {
	want  string // what the descriptor leads to
	files int    // that may still be looked at
}

// holder finds a process that holds the socket, the remembered ones first.
func (f *Finder) holder(s socket) (pid int, ok bool) {
	look := &search{want: fmt.Sprintf("socket:[%d]", s.inode), files: maxFiles}
	for _, pid := range f.candidates() {
		if look.holds(f.path(pid, "fd")) {
			return pid, true
		}
	}
	dir, err := os.Open(f.proc)
	if err != nil {
		return 0, false
	}
	defer func() { _ = dir.Close() }()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, false
	}
	for i := len(names) - 1; i >= 0 && !look.over(); i-- { // the youngest processes come last
		pid, err := strconv.Atoi(names[i])
		if err == nil && f.ownedBy(pid, s.uid) && look.holds(f.path(pid, "fd")) {
			return pid, true
		}
	}
	return 0, false
}

func (s *search) over() bool { return s.files <= 0 }

// holds reports whether one of the descriptors in dir leads to the socket.
func (s *search) holds(dir string) bool {
	d, err := os.Open(dir)
	if err != nil {
		return false // gone, or not ours to see
	}
	defer func() { _ = d.Close() }()
	for !s.over() {
		names, err := d.Readdirnames(256)
		for _, n := range names {
			s.files--
			if to, err := os.Readlink(dir + "/" + n); err == nil && to == s.want {
				return true
			}
		}
		if err != nil {
			return false
		}
	}
	return false
}

// describe fills in what /proc says of a process.
func (f *Finder) describe(pid int, p policy.Program) policy.Program {
	p.PID = pid
	p.Exe, _ = os.Readlink(f.path(pid, "exe")) // empty when it may not be seen
	p.Exe = strings.TrimSuffix(p.Exe, " (deleted)")
	p.Cwd, _ = os.Readlink(f.path(pid, "cwd"))
	p.Cmdline = f.cmdline(pid)
	return p
}

func (f *Finder) cmdline(pid int) string {
	file, err := os.Open(f.path(pid, "cmdline"))
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, maxCmdline))
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(string(bytes.ReplaceAll(bytes.TrimRight(b, "\x00"), []byte{0}, []byte{' '})), "?")
}
