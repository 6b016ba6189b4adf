//go:build !unix

package dir

import "io/fs"

// openFlags has nothing to say where the system has no such flags; the file
// that was opened is compared with the one that was found.
const openFlags = 0

// inode is 0: path, size and time tell files apart.
func inode(fs.FileInfo) int64 { return 0 }
