//go:build !unix

package regular

// openFlags has nothing to say where the system has no such flags.
const openFlags = 0
