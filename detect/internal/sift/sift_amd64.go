package sift

import "golang.org/x/sys/cpu"

var vectors = cpu.X86.HasAVX2

// classify fills n blocks at dst from n*64+1 bytes at src, with AVX2.
//
//go:noescape
func classify(dst *Block, src *byte, n int, t *tables)
