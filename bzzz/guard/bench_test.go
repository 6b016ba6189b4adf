//go:build unix

package guard_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"go.cordon.dev/cordon/bzzz/guard"
	"go.cordon.dev/cordon/bzzz/inspect"
)

// What the guard adds to a publish: bare and guarded publishes in turns of 100,
// so that a busy machine is as busy for both; the median of the differences, of
// time by the clock and of the processor's. The scan alone stands beside it.
func BenchmarkPublish(b *testing.B) {
	inspector, err := inspect.New(inspect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(`{"type":"task_progress","from":"12D3KooWA","timestamp":"2026-03-14T14:32:07Z","data":{"message":"` + strings.Repeat("lorem ipsum dolor ", 50) + `"},"hop_count":1}`)
	topic := join(b, newHost(b))
	wrapped := guard.Wrap(topic, inspector)
	b.Run("added", func(b *testing.B) {
		var bare, clock, processor []time.Duration
		for b.Loop() {
			without, with := took[pubsub.PubOpt](b, text, topic), took[pubsub.PubOpt](b, text, wrapped)
			bare = append(bare, without.clock)
			clock, processor = append(clock, with.clock-without.clock), append(processor, with.processor-without.processor)
		}
		b.ReportMetric(float64(median(bare))/turn, "ns/bare-publish")
		b.ReportMetric(float64(median(clock))/turn, "added-ns/publish")
		b.ReportMetric(float64(median(processor))/turn, "added-cpu-ns/publish")
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if rule, err := inspector.Scan(b.Context(), text); rule != "" || err != nil {
				b.Fatal(rule, err)
			}
		}
	})
}

const turn = 100 // publishes

type publisher[O any] interface {
	Publish(ctx context.Context, data []byte, opts ...O) error
}

// cost is what a turn took.
type cost struct{ clock, processor time.Duration }

func took[O any](b *testing.B, text []byte, to publisher[O]) cost {
	b.Helper()
	began, before := time.Now(), used(b)
	for range turn {
		if err := to.Publish(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
	return cost{time.Since(began), used(b) - before}
}

// used is the processor time of this process.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
