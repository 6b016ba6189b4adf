//go:build !amd64

package sift

// There is one kernel here, the plain one.
const vectors = false

func classify(*Block, *byte, int, *tables) {}
