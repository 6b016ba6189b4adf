package sftp

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"path"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// named reads the only name of a request.
func named(r *wire.Reader) (string, error) {
	name := r.CString()
	if !r.OK() {
		return "", errFatal
	}
	return name, nil
}

func (s *server) stat(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	info, err := s.Files.Stat(name)
	return s.sendStat(id, info, err)
}

func (s *server) lstat(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	info, err := s.Files.Lstat(name)
	return s.sendStat(id, info, err)
}

func (s *server) setstat(id uint32, r *wire.Reader) error {
	name, a := r.CString(), readAttributes(r)
	if !r.OK() {
		return errFatal
	}
	s.did("setstat %q", name)
	return s.result(id, s.set(name, a, s.Files.Chown))
}

// set changes a file as the attributes say; the last error is what is told.
func (s *server) set(name string, a attributes, chown func(string, int, int) error) (last error) {
	try := func(flag uint32, change func() error) {
		if a.flags&flag != 0 {
			if err := change(); err != nil {
				last = err
			}
		}
	}
	try(hasSize, func() error { return s.Files.Truncate(name, int64(a.size)) })
	try(hasMode, func() error { return s.Files.Chmod(name, goMode(a.mode)) })
	try(hasTimes, func() error {
		atime, mtime := a.times()
		return s.Files.Chtimes(name, atime, mtime)
	})
	try(hasOwner, func() error { return chown(name, int(a.uid), int(a.gid)) })
	return last
}

func (s *server) opendir(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	h, err := s.list(name)
	switch {
	case err != nil:
		return s.result(id, err)
	case h == nil:
		return s.status(id, statusFailure)
	}
	s.did("opendir %q", name)
	return s.give(id, h)
}

// list reads a folder whole, as it is when it is opened; nil when that is more than
// is kept of a client, or of all.
func (s *server) list(name string) (*handle, error) {
	done, err := s.Turn()
	if err != nil {
		return nil, fmt.Errorf("waiting to list a folder: %w", err)
	}
	defer done()
	infos, err := s.Files.ReadDir(name)
	if err != nil {
		return nil, err
	}
	h := &handle{name: name, path: name, folder: true, listed: len(infos)}
	for _, i := range infos {
		h.holds += perListed + 2*int64(len(i.Name))
	}
	if s.listed+h.listed > maxListed || !s.hold(h.holds) {
		return nil, nil
	}
	s.listed += h.listed
	for _, dot := range []string{".", ".."} {
		if info, err := s.Files.Stat(name + "/" + dot); err == nil {
			info.Name = dot
			infos = append(infos, info)
		}
	}
	for _, i := range scattered(infos) {
		h.entries = append(h.entries, entry{name: i.Name, long: s.names.long(i, s.Now(), s.Zone), attributes: attributesOf(i)})
	}
	return h, nil
}

// hold counts bytes of open folders, or fewer when the number is negative, and
// reports whether there is so much.
func (s *server) hold(bytes int64) bool {
	owed := max(s.holds+bytes-freeListed, 0)
	if owed != s.paid && !s.Hold(owed-s.paid) {
		return false
	}
	s.holds, s.paid = s.holds+bytes, owed
	return true
}

// scattered orders entries as a file system with hashed folders does: by no rule
// that shows.
func scattered(infos []vfs.Info) []vfs.Info {
	key := func(i vfs.Info) uint32 {
		h := fnv.New32a()
		h.Write([]byte(i.Name))
		return h.Sum32()
	}
	slices.SortStableFunc(infos, func(a, b vfs.Info) int { return cmp.Compare(key(a), key(b)) })
	return infos
}

func (s *server) readdir(id uint32, r *wire.Reader) error {
	_, h := s.find(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil || !h.folder {
		return s.status(id, statusFailure)
	}
	if len(h.entries) == 0 {
		return s.status(id, statusEOF)
	}
	n := min(len(h.entries), maxNames)
	some := h.entries[:n]
	h.entries = h.entries[n:]
	return s.sendNames(id, some...)
}

func (s *server) remove(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	s.did("remove %q", name)
	return s.result(id, s.Files.Remove(name))
}

func (s *server) mkdir(id uint32, r *wire.Reader) error {
	name, a := r.CString(), readAttributes(r)
	if !r.OK() {
		return errFatal
	}
	mode := uint32(0o777)
	if a.flags&hasMode != 0 {
		mode = a.mode & 0o1777 // the kernel takes no other bits for a folder
	}
	s.did("mkdir %q", name)
	return s.result(id, s.Files.Mkdir(name, goMode(mode)))
}

func (s *server) rmdir(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	s.did("rmdir %q", name)
	return s.result(id, s.Files.Rmdir(name))
}

func (s *server) readlink(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	target, err := s.Files.Readlink(name)
	if err != nil {
		return s.result(id, err)
	}
	return s.sendPath(id, target)
}

// symlink has its arguments in OpenSSH's order, not the draft's.
func (s *server) symlink(id uint32, r *wire.Reader) error {
	target, name := r.CString(), r.CString()
	if !r.OK() {
		return errFatal
	}
	s.did("symlink %q %q", target, name)
	return s.result(id, s.Files.Symlink(target, name))
}

// rename never replaces a file: a regular one is linked and unlinked.
func (s *server) rename(id uint32, r *wire.Reader) error {
	from, to := r.CString(), r.CString()
	if !r.OK() {
		return errFatal
	}
	s.did("rename %q %q", from, to)
	info, err := s.Files.Lstat(from)
	switch {
	case err != nil:
		return s.result(id, err)
	case info.Mode.IsRegular():
		if err := s.Files.Link(from, to); err != nil {
			return s.result(id, err)
		}
		return s.result(id, s.Files.Remove(from))
	}
	if _, err := s.Files.Stat(to); err == nil {
		return s.status(id, statusFailure)
	}
	return s.result(id, s.Files.Rename(from, to))
}

func (s *server) realpath(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	return s.resolve(id, name)
}

// resolve answers with the path behind a name.
func (s *server) resolve(id uint32, name string) error {
	found, err := s.behind(cmp.Or(name, "."))
	if err != nil {
		return s.result(id, err)
	}
	return s.sendPath(id, found)
}

const maxLinks = 40 // that a path may lead through

// behind resolves a name as sftp-server does, which is not quite what the kernel
// does: two dots take the last component away whatever it is, and the last
// component need not be there.
func (s *server) behind(name string) (string, error) {
	if !path.IsAbs(name) {
		name = s.Files.Dir() + "/" + name
	}
	if len(name) >= pathMax {
		return "", vfs.ENAMETOOLONG
	}
	at, links := "/", 0
	for rest := name; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		info, err := s.Files.Lstat(next)
		if missing := vfs.Errno(""); errors.As(err, &missing) && missing == vfs.ENOENT && strings.Trim(rest, "/") == "" {
			return next, nil
		}
		if err != nil {
			return "", err
		}
		if info.Target == "" {
			at = next
			continue
		}
		if links++; links > maxLinks || len(info.Target)+len(rest) >= pathMax {
			return "", vfs.ELOOP
		}
		if path.IsAbs(info.Target) {
			at = "/"
		}
		rest = info.Target + "/" + rest
	}
	return at, nil
}

const pathMax = 4096 // bytes of a path
