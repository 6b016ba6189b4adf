//go:build unix

package store11

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// BenchmarkLog reads a write-ahead log as npm leaves it when it appends blocks of 1 KB in
// batches of 1,000: blocks, tree nodes and heads. CORDON_BENCH_STORE is the directory of a
// RocksDB; without it the testdata, which are small, are read.
func BenchmarkLog(b *testing.B) {
	measure(b, readBlocks)
}

// BenchmarkTail takes in the log alone: its records, their batches, where each key lies.
func BenchmarkTail(b *testing.B) {
	measure(b, func(dir string) (blocks uint64, err error) {
		db, err := Open(dir, func(key []byte) bool {
			if len(key) > 2 && key[0] == spaceData && key[2] == dataBlock {
				blocks++
			}
			return true
		})
		if err != nil {
			return 0, err
		}
		return blocks, db.Close()
	})
}

func measure(b *testing.B, read func(dir string) (uint64, error)) {
	dir := os.Getenv("CORDON_BENCH_STORE")
	if dir == "" {
		dir = "testdata/db"
	}
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(logs) == 0 {
		b.Fatalf("no logs in %s: %v", dir, err)
	}
	blocks, before := uint64(0), used(b)
	for b.Loop() {
		n, err := read(dir)
		if err != nil {
			b.Fatal(err)
		}
		blocks += n
	}
	b.ReportMetric(float64(blocks)/b.Elapsed().Seconds(), "blocks/s")
	b.ReportMetric(float64(blocks)/(used(b)-before).Seconds(), "blocks/cpu-s")
}

// used is the processor time of this process, which a busy machine does not change.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readBlocks reads every block of the default core and hashes it.
func readBlocks(dir string) (uint64, error) {
	c, err := OpenCore(dir, merkle.Hash{})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	h, _, err := c.Head()
	if err != nil {
		return 0, err
	}
	hasher, peaks := merkle.NewHasher(), merkle.Peaks{}
	for i := range h.Length {
		block, ok, err := c.Block(i)
		if err != nil || !ok {
			return 0, fmt.Errorf("block %d: %v, %w", i, ok, err)
		}
		peaks.Push(hasher.Leaf(i, block))
	}
	v, err := merkle.NewVerifier(c.Identity().Key, c.Identity().Manifest)
	if err != nil {
		return 0, err
	}
	return h.Length, v.Verify(peaks, h.Fork, h.Signature)
}
