package sftp

import (
	"strings"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// extension is a request by name, with the version that is told.
type extension struct {
	name, version string
	do            request
}

// extensions are in the order in which sftp-server tells them (PROTOCOL of
// OpenSSH, section 4).
func extensions() []extension {
	return []extension{
		{"posix-rename@openssh.com", "1", (*server).posixRename},
		{"statvfs@openssh.com", "2", (*server).statvfs},
		{"fstatvfs@openssh.com", "2", (*server).fstatvfs},
		{"hardlink@openssh.com", "1", (*server).hardlink},
		{"fsync@openssh.com", "1", (*server).fsync},
		{"lsetstat@openssh.com", "1", (*server).lsetstat},
		{"limits@openssh.com", "1", (*server).limits},
		{"expand-path@openssh.com", "1", (*server).expandPath},
		{"copy-data", "1", (*server).copyData},
		{"home-directory", "1", (*server).homeDirectory},
		{"users-groups-by-id@openssh.com", "1", (*server).usersGroups},
	}
}

func (s *server) extended(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	for _, e := range extensions() {
		if e.name == name {
			return e.do(s, id, r)
		}
	}
	return s.status(id, statusUnsupported)
}

func (s *server) posixRename(id uint32, r *wire.Reader) error {
	from, to := r.CString(), r.CString()
	if !r.OK() {
		return errFatal
	}
	s.did("posix-rename %q %q", from, to)
	return s.result(id, s.Files.Rename(from, to))
}

func (s *server) hardlink(id uint32, r *wire.Reader) error {
	from, to := r.CString(), r.CString()
	if !r.OK() {
		return errFatal
	}
	s.did("hardlink %q %q", from, to)
	return s.result(id, s.Files.Link(from, to))
}

func (s *server) statvfs(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	if _, err := s.Files.Stat(name); err != nil {
		return s.result(id, err)
	}
	return s.sendVFS(id)
}

func (s *server) fstatvfs(id uint32, r *wire.Reader) error {
	h := s.file(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusFailure)
	}
	return s.sendVFS(id)
}

// sendVFS tells of an ext4 file system: blocks of 4 KiB, a file for each 16 KiB,
// a twentieth kept for root, and what this attacker has taken.
func (s *server) sendVFS(id uint32) error {
	const block, nameMax = 4096, 255
	bytes, files := s.Files.FS().Used()
	blocks := s.Disk / block * 983 / 1000 // the rest is the file system's own
	free := blocks - min(blocks, blocks/5+uint64(bytes)/block)
	inodes := s.Disk / 16384
	left := inodes - min(inodes, 70_000+uint64(files))
	p := wire.Message(fxpExtendedReply).Uint32(id)
	for _, n := range []uint64{block, block, blocks, free, free - min(free, blocks/20), inodes, left, left, s.Serial, 0, nameMax} {
		p = p.Uint64(n)
	}
	return s.send(p)
}

func (s *server) fsync(id uint32, r *wire.Reader) error {
	h := s.file(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusNoFile)
	}
	return s.status(id, statusOK)
}

// lsetstat changes a link itself, whose size and mode cannot be changed.
func (s *server) lsetstat(id uint32, r *wire.Reader) error {
	name, a := r.CString(), readAttributes(r)
	if !r.OK() {
		return errFatal
	}
	s.did("lsetstat %q", name)
	info, err := s.Files.Lstat(name)
	link := err == nil && info.Target != ""
	switch {
	case a.flags&hasSize != 0:
		return s.status(id, statusBad)
	case link && a.flags&hasMode != 0:
		return s.status(id, statusFailure)
	case link:
		a.flags &^= hasTimes // which nobody sees of a link
	}
	return s.result(id, s.set(name, a, s.Files.Lchown))
}

func (s *server) limits(id uint32, _ *wire.Reader) error {
	return s.send(wire.Message(fxpExtendedReply).Uint32(id).Uint64(maxMessage).Uint64(maxRead).Uint64(maxMessage - 1024).Uint64(maxHandles))
}

// expandPath resolves a name that may begin with ~.
func (s *server) expandPath(id uint32, r *wire.Reader) error {
	name, err := named(r)
	if err != nil {
		return err
	}
	if rest, ok := strings.CutPrefix(name, "~"); ok {
		user, rest, _ := strings.Cut(rest, "/")
		home, known := s.home, true
		if user != "" {
			home, known = s.names.home(user)
		}
		if !known {
			return s.statusText(id, statusNoFile, "no such user")
		}
		name = home + "/" + rest
	}
	return s.resolve(id, name)
}

// homeDirectory tells the home of who asks, whoever he asks for, as
// sftp-server does.
func (s *server) homeDirectory(id uint32, r *wire.Reader) error {
	user, err := named(r)
	if err != nil {
		return err
	}
	if _, ok := s.names.home(user); !ok {
		return s.status(id, statusFailure)
	}
	return s.sendPath(id, s.home)
}

func (s *server) usersGroups(id uint32, r *wire.Reader) error {
	uids, gids := wire.Read(r.String()), wire.Read(r.String())
	if !r.OK() {
		return errFatal
	}
	users, groups := listed(uids, s.names.users), listed(gids, s.names.groups)
	if !uids.OK() || !gids.OK() {
		return errFatal
	}
	if len(users)+len(groups) > maxMessage-64 { // what is around them
		return s.status(id, statusFailure)
	}
	return s.send(wire.Message(fxpExtendedReply).Uint32(id).String(users).String(groups))
}

// listed are the names of numbers, one behind the other; not many more than an
// answer may have.
func listed(ids *wire.Reader, names map[int]string) (out wire.Packet) {
	for ids.More() {
		n := int(ids.Uint32())
		if len(out) <= maxMessage {
			out = out.Text(names[n])
		}
	}
	return out
}
