package hypercore_test

import (
	"bytes"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// BenchmarkVerifyBlocks reads and proves a log of 1 KiB blocks.
func BenchmarkVerifyBlocks(b *testing.B) {
	const count, size = 10_000, 1024
	w := hypercoretest.NewWriter(b, b.TempDir(), 1)
	all := make([][]byte, count)
	for i := range all {
		all[i] = bytes.Repeat([]byte{byte(i)}, size)
	}
	w.Append(all...)
	w.Flush()
	core := open(b, w.Dir(), hypercore.Options{})
	b.SetBytes(count * size)
	b.ReportAllocs()
	for b.Loop() {
		if r, err := core.VerifyBlocks(b.Context(), nil); err != nil || r.Blocks != count {
			b.Fatal(r, err)
		}
	}
}
