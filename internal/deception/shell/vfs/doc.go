// Package vfs is the file system that an attacker sees: a base tree that all
// attackers of a decky share and nobody changes, and on top of it what one
// attacker did. It behaves as a POSIX file system does, with owners, permission
// bits, links and the C library's error texts, and it never touches a file of
// the host.
//
// A world builds a Tree, each attacker gets an FS over it, and each of his
// users looks at that through a View. What one attacker can take is bounded by
// Limits; beyond that the disk is full.
//
// Level 2: standard library only. To add a call, write it in view.go on top of
// walk and edit, name its errors, and add its line to the table of its test.
package vfs

import (
	"io/fs"
	"time"
)

// Errno is why a call failed; its text is the C library's.
type Errno string

// The errors of this file system.
const (
	EPERM        Errno = "Operation not permitted"
	ENOENT       Errno = "No such file or directory"
	ENXIO        Errno = "No such device or address"
	EBADF        Errno = "Bad file descriptor"
	EACCES       Errno = "Permission denied"
	EEXIST       Errno = "File exists"
	EXDEV        Errno = "Invalid cross-device link"
	ENOTDIR      Errno = "Not a directory"
	EISDIR       Errno = "Is a directory"
	EINVAL       Errno = "Invalid argument"
	EMFILE       Errno = "Too many open files"
	ETXTBSY      Errno = "Text file busy"
	EFBIG        Errno = "File too large"
	ENOSPC       Errno = "No space left on device"
	ESPIPE       Errno = "Illegal seek"
	EMLINK       Errno = "Too many links"
	EPIPE        Errno = "Broken pipe"
	ENAMETOOLONG Errno = "File name too long"
	ENOTEMPTY    Errno = "Directory not empty"
	ELOOP        Errno = "Too many levels of symbolic links"
	EBUSY        Errno = "Device or resource busy"
	EINTR        Errno = "Interrupted system call"
)

// Error implements error.
func (e Errno) Error() string { return string(e) }

// Is lets errors.Is find fs.ErrNotExist and its kin.
func (e Errno) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ENOENT
	case fs.ErrExist:
		return e == EEXIST || e == ENOTEMPTY
	case fs.ErrPermission:
		return e == EACCES || e == EPERM
	}
	return false
}

// How a file is opened: one of the first three, and any of the others.
const (
	O_RDONLY    = 0
	O_WRONLY    = 1
	O_RDWR      = 2
	O_CREATE    = 0x40
	O_EXCL      = 0x80
	O_TRUNC     = 0x200
	O_APPEND    = 0x400
	O_DIRECTORY = 0x10000
	O_NOFOLLOW  = 0x20000
	accessMode  = 3
)

// Cred is who makes a call.
type Cred struct {
	UID, GID int
	Groups   []int
}

// Limits bound what one attacker adds. Zero means the default.
type Limits struct {
	Bytes   int64 // of contents; 64 MiB
	Files   int   // made or changed; 20,000
	PathLen int   // bytes of a name given to a call; 4096
	Open    int   // files open at once; 1024
	// More asks before he adds so many bytes: false when all attackers together
	// have too many. It is called with the FS locked. If nil, Bytes alone counts.
	More func(bytes int64) bool
}

// nameMax is the length of one component, as ext4 has it.
const nameMax = 255

// largest is the size of a file in bytes that ext4 with blocks of 4 KiB allows.
const largest = 16 << 40

func (l Limits) filled() Limits {
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
	}
	if l.Files == 0 {
		l.Files = 20_000
	}
	if l.PathLen == 0 {
		l.PathLen = 4096
	}
	if l.Open == 0 {
		l.Open = 1024
	}
	if l.More == nil {
		l.More = func(int64) bool { return true }
	}
	return l
}

// Device is the number of a device node.
type Device struct{ Major, Minor int }

// Info tells of a file. It is what stat returns.
type Info struct {
	Name                string // last component of the path that was asked for
	Mode                fs.FileMode
	UID, GID            int
	Nlink               int
	Ino                 uint64
	Size                int64
	Mtime, Atime, Ctime time.Time
	Target              string // of a symbolic link
	Device              Device // of a device node
	New                 bool   // an attacker made it; it is not from the tree
}

// IsDir reports whether it is a folder.
func (i Info) IsDir() bool { return i.Mode.IsDir() }
