//go:build unix

package app

import (
	"io/fs"
	"os"
	"syscall"
)

// isOurs reports whether a file belongs to the user this process runs as.
func isOurs(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) == os.Geteuid()
}
