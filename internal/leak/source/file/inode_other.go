//go:build !unix

package file

import (
	"io/fs"

	"go.cordon.dev/cordon/internal/leak/source"
)

// openFlags has nothing to say where the system has no such flags.
const openFlags = 0

// keyOf names a file by a mark of its path: where there are no inodes, a file
// that was renamed is known by what it holds.
func keyOf(m source.Marker, path string, _ fs.FileInfo) string { return m.Mark([]byte(path)) }

// removed is never said: such systems do not remove what is open.
func removed(fs.FileInfo) bool { return false }
