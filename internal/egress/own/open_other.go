//go:build !unix

package own

// openFlags has nothing to say where the system has no such flags.
const openFlags = 0
