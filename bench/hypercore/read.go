package main

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/hypercore"
)

// reading reads the same core with both, in turn.
func (b *bench) reading(dir string) error {
	if _, err := b.npm("fill", dir, b.blocks, b.size); err != nil {
		return err
	}
	var theirs, ours []float64
	for range b.rounds {
		npm, err := b.npm("read", dir)
		if err != nil {
			return err
		}
		took, err := b.verify(dir)
		if err != nil {
			return err
		}
		theirs, ours = append(theirs, npm.MS), append(ours, ms(took))
	}
	fmt.Printf("\n| reading %d blocks of %d bytes | ms | blocks/s | ratio |\n|---|---|---|---|\n", b.blocks, b.size)
	b.row("npm createReadStream, nothing hashed", median(theirs), median(theirs))
	b.row("Go, signature and every block verified", median(ours), median(theirs))
	return nil
}

func (b *bench) row(name string, took, base float64) {
	fmt.Printf("| %s | %.0f | %.0f | %.1fx |\n", name, took, float64(b.blocks)/took*1000, base/took)
}

func (b *bench) verify(dir string) (time.Duration, error) {
	start := time.Now()
	core, err := hypercore.Open(dir, hypercore.Options{})
	if err != nil {
		return 0, err
	}
	defer core.Close()
	report, err := core.VerifyBlocks(context.Background(), nil)
	if err == nil && report.Blocks != uint64(b.blocks) {
		err = fmt.Errorf("%d blocks verified, want %d", report.Blocks, b.blocks)
	}
	return time.Since(start), err
}
