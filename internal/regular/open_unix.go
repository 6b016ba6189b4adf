//go:build unix

package regular

import "syscall"

// openFlags do not wait for the writer of a pipe that took a file's place.
const openFlags = syscall.O_NONBLOCK
