//go:build unix

package dir

import (
	"io/fs"
	"syscall"
)

// openFlags refuse a link that took a file's place, and do not wait for the
// writer of a pipe that did.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func inode(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(st.Ino)
	}
	return 0
}
