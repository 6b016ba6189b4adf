package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.cordon.dev/cordon/hypercore"
)

// writing runs the same appends alone and followed, in pairs, in turn which comes first.
func (b *bench) writing(what, name string) error {
	var took, cpu [2][]float64
	var slower, costlier, delays []float64
	for round := range b.rounds {
		var pair [2]cost
		for i := range 2 {
			followed := (i + round) % 2
			c, delay, err := b.write(what, followed == 1)
			if err != nil {
				return err
			}
			pair[followed] = c
			took[followed], cpu[followed] = append(took[followed], c.MS), append(cpu[followed], c.CPU)
			delays = append(delays, delay...)
		}
		slower, costlier = append(slower, pair[1].MS/pair[0].MS), append(costlier, pair[1].CPU/pair[0].CPU)
	}
	fmt.Printf("\n| %d npm appends of %d bytes %s | ms | cpu ms |\n|---|---|---|\n", b.writes, b.size, name)
	fmt.Printf("| alone | %.0f | %.0f |\n| followed | %.0f | %.0f |\n", median(took[0]), median(cpu[0]), median(took[1]), median(cpu[1]))
	fmt.Printf("| cost of being followed, median of pairs | %+.1f %% | %+.1f %% |\n", 100*(median(slower)-1), 100*(median(costlier)-1))
	fmt.Printf("\nlatency, append to handler: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", median(delays), quantile(delays, 0.99), quantile(delays, 1))
	return nil
}

var errDone = errors.New("all blocks seen")

// write appends, followed or not, and returns each block's latency in milliseconds.
func (b *bench) write(what string, follow bool) (cost, []float64, error) {
	dir := filepath.Join(b.dir, what)
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := &timing{want: uint64(b.writes)}
	ended := make(chan error, 1)
	if follow {
		go func() { ended <- hypercore.NewFollower(dir, hypercore.FollowOptions{}).Run(ctx, nil, f.handle) }()
	}
	c, err := b.npm(what, dir, b.writes, b.size, b.rate)
	if err != nil || !follow {
		return c, nil, err
	}
	if err := <-ended; !errors.Is(err, errDone) {
		return c, nil, fmt.Errorf("following: %w", err)
	}
	return c, f.delays, nil
}

// timing notes how old blocks are when they are handed out.
type timing struct {
	want   uint64
	from   uint64 // blocks before it have no time
	delays []float64
}

func (t *timing) handle(_ context.Context, batch hypercore.Batch) error {
	now := float64(time.Now().UnixNano()) / 1e6
	for _, e := range batch.Events {
		if e.Index < t.from {
			continue
		}
		stamp, _, _ := bytes.Cut(e.Data, []byte(" "))
		at, err := strconv.ParseFloat(string(stamp), 64)
		if err != nil {
			return fmt.Errorf("block %d has no time: %w", e.Index, err)
		}
		t.delays = append(t.delays, now-at)
	}
	if batch.Next.Length >= t.want {
		return errDone
	}
	return nil
}
