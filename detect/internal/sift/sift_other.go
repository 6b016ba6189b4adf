//go:build !amd64

package sift

// There is one kernel here, the plain one.
const best = plain

func classify(kernel, *block, *byte, int) {}
