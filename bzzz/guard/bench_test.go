package guard_test

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/bzzz/guard"
	"go.cordon.dev/cordon/bzzz/inspect"
)

// What the guard adds to a publish: the second less the first.
func BenchmarkPublish(b *testing.B) {
	inspector, err := inspect.New(inspect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(`{"type":"task_progress","from":"12D3KooWA","timestamp":"2026-03-14T14:32:07Z","data":{"message":"` + strings.Repeat("lorem ipsum dolor ", 50) + `"},"hop_count":1}`)
	topic := join(b, newHost(b))
	wrapped := guard.Wrap(topic, inspector)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := topic.Publish(b.Context(), text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("guarded", func(b *testing.B) {
		for b.Loop() {
			if err := wrapped.Publish(b.Context(), text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if rule, err := inspector.Scan(b.Context(), text); rule != "" || err != nil {
				b.Fatal(rule, err)
			}
		}
	})
}
