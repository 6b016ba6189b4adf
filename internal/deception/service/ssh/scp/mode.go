package scp

import (
	"io/fs"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// upper are the mode's bits above the nine.
func upper() map[fs.FileMode]uint32 {
	return map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000}
}

// unix is the lower twelve bits of st_mode.
func unix(i vfs.Info) uint32 {
	out := uint32(i.Mode.Perm())
	for mode, bit := range upper() {
		if i.Mode&mode != 0 {
			out |= bit
		}
	}
	return out
}

func mode16(bits uint32) fs.FileMode {
	out := fs.FileMode(bits & 0o777)
	for mode, bit := range upper() {
		if bits&bit != 0 {
			out |= mode
		}
	}
	return out
}
