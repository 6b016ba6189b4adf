package judge_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// What a decision costs for a clean message of 1 KB.
func BenchmarkDecide(b *testing.B) {
	bench := newBench(b, true)
	text := message(strings.Repeat("lorem ipsum dolor ", 50))
	n := uint64(0)
	for b.Loop() {
		n++
		if v := bench.judge.Decide(context.Background(), judge.Message{ID: fmt.Sprint(n), Sender: "s", Seq: n, Data: text}); v.Answer != judge.Clean {
			b.Fatal(v)
		}
	}
}
