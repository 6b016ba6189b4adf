package sift

import "golang.org/x/sys/cpu"

var best = bestKernel()

func bestKernel() kernel {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW:
		return avx512
	case cpu.X86.HasAVX2:
		return avx2
	}
	return plain
}

// classify fills n blocks at dst from n*Width+ahead bytes at src.
func classify(k kernel, dst *block, src *byte, n int) {
	if k == avx512 {
		classifyAVX512(dst, src, n, shared)
		return
	}
	classifyAVX2(dst, src, n, shared)
}

//go:noescape
func classifyAVX2(dst *block, src *byte, n int, t *tables)

//go:noescape
func classifyAVX512(dst *block, src *byte, n int, t *tables)
