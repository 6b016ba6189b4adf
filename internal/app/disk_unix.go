//go:build linux || darwin

package app

import (
	"fmt"
	"syscall"
)

// spaceOf is the room on the disk of a folder, for users who are not root.
func spaceOf(dir string) (space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return space{}, fmt.Errorf("asking for the room on the disk of %s: %w", dir, err)
	}
	block := uint64(s.Bsize)
	return space{free: uint64(s.Bavail) * block, total: s.Blocks * block}, nil
}
