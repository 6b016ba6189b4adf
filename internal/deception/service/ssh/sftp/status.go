package sftp

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// What a request came to (draft-ietf-secsh-filexfer-02, section 7).
const (
	statusOK          = 0
	statusEOF         = 1
	statusNoFile      = 2
	statusDenied      = 3
	statusFailure     = 4
	statusBad         = 5
	statusUnsupported = 8
)

func text(status uint32) string {
	return map[uint32]string{
		statusOK: "Success", statusEOF: "End of file", statusNoFile: "No such file", statusDenied: "Permission denied",
		statusFailure: "Failure", statusBad: "Bad message", statusUnsupported: "Operation unsupported",
	}[status]
}

// portable is the status that sftp-server makes of a system call's error.
func portable(err error) uint32 {
	errno := vfs.Errno("")
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, io.EOF):
		return statusEOF
	case !errors.As(err, &errno):
		return statusFailure
	}
	switch errno {
	case vfs.ENOENT, vfs.ENOTDIR, vfs.EBADF, vfs.ELOOP:
		return statusNoFile
	case vfs.EPERM, vfs.EACCES:
		return statusDenied
	case vfs.ENAMETOOLONG, vfs.EINVAL:
		return statusBad
	}
	return statusFailure
}

// Which attributes of a file are told.
const (
	hasSize     = 1
	hasOwner    = 2
	hasMode     = 4
	hasTimes    = 8
	hasExtended = 1 << 31
)

// attributes of a file, as far as flags say.
type attributes struct {
	flags        uint32
	size         uint64
	uid, gid     uint32
	mode         uint32
	atime, mtime uint32
}

func readAttributes(r *wire.Reader) (a attributes) {
	a.flags = r.Uint32()
	if a.flags&hasSize != 0 {
		a.size = r.Uint64()
	}
	if a.flags&hasOwner != 0 {
		a.uid, a.gid = r.Uint32(), r.Uint32()
	}
	if a.flags&hasMode != 0 {
		a.mode = r.Uint32()
	}
	if a.flags&hasTimes != 0 {
		a.atime, a.mtime = r.Uint32(), r.Uint32()
	}
	if a.flags&hasExtended != 0 {
		for n := r.Uint32(); n > 0 && r.OK(); n-- {
			r.String()
			r.String()
		}
	}
	return a
}

func (a attributes) times() (atime, mtime time.Time) {
	return time.Unix(int64(a.atime), 0), time.Unix(int64(a.mtime), 0)
}

func attributesOf(i vfs.Info) attributes {
	return attributes{
		flags: hasSize | hasOwner | hasMode | hasTimes, size: uint64(i.Size), uid: uint32(i.UID), gid: uint32(i.GID),
		mode: unixMode(i.Mode), atime: uint32(i.Atime.Unix()), mtime: uint32(i.Mtime.Unix()),
	}
}

func (a attributes) append(p wire.Packet) wire.Packet {
	p = p.Uint32(a.flags)
	if a.flags == 0 {
		return p
	}
	return p.Uint64(a.size).Uint32(a.uid).Uint32(a.gid).Uint32(a.mode).Uint32(a.atime).Uint32(a.mtime)
}

// kinds pairs Go's kinds of files with the kernel's and with what ls shows.
func kinds() []struct {
	mode   fs.FileMode
	unix   uint32
	letter byte
} {
	return []struct {
		mode   fs.FileMode
		unix   uint32
		letter byte
	}{
		{fs.ModeDir, 0o040000, 'd'}, {fs.ModeSymlink, 0o120000, 'l'}, {fs.ModeDevice | fs.ModeCharDevice, 0o020000, 'c'},
		{fs.ModeDevice, 0o060000, 'b'}, {fs.ModeNamedPipe, 0o010000, 'p'}, {fs.ModeSocket, 0o140000, 's'}, {0, 0o100000, '-'},
	}
}

// unixMode is st_mode of a file.
func unixMode(m fs.FileMode) uint32 {
	out := uint32(m.Perm())
	for _, k := range kinds() {
		if m.Type() == k.mode {
			out |= k.unix
		}
	}
	for bit, unix := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			out |= unix
		}
	}
	return out
}

// goMode is what chmod is asked for.
func goMode(unix uint32) fs.FileMode {
	out := fs.FileMode(unix & 0o777)
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if unix&bit != 0 {
			out |= mode
		}
	}
	return out
}
