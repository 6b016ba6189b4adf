//go:build unix

package file

import (
	"fmt"
	"io/fs"
	"syscall"

	"go.cordon.dev/cordon/internal/leak/source"
)

// openFlags do not wait for the writer of a pipe that took a file's place.
const openFlags = syscall.O_NONBLOCK

// keyOf names a file as long as it exists, whatever it is called: device and
// inode.
func keyOf(_ source.Marker, _ string, info fs.FileInfo) string {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%x-%x", uint64(st.Dev), uint64(st.Ino)) //nolint:unconvert // their types differ between systems
	}
	return ""
}

// removed says whether an open file has no name left.
func removed(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}
