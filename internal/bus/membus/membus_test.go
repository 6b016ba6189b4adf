package membus_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/bus/bustest"
	"go.cordon.dev/cordon/internal/bus/membus"
	"go.cordon.dev/cordon/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	bustest.Run(t, func(*testing.T) bustest.Pair {
		b := membus.New(membus.Options{})
		return bustest.Pair{Pub: b, Sub: b}
	})
}

func TestPanicIsLoggedWithPlaceButWithoutItsValue(t *testing.T) {
	var log bytes.Buffer
	b := membus.New(membus.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	heard := make(chan struct{})
	if _, err := b.Subscribe("test.a", func(event.Event) { defer close(heard); panic("token hunter2") }); err != nil {
		t.Fatal(err)
	}
	bustest.Publish(t, b, bustest.Note{On: "test.a"})
	<-heard
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "membus_test") || strings.Contains(text, "hunter2") {
		t.Errorf("log %s: want the place of the panic and not its value", text)
	}
}

func TestOnDropIsToldOfEveryLostEvent(t *testing.T) {
	var told atomic.Int64
	b := membus.New(membus.Options{OnDrop: func(pattern string) {
		if pattern == "test.*" {
			told.Add(1)
		}
	}})
	entered, release := make(chan struct{}, bus.QueueSize+10), make(chan struct{})
	if _, err := b.Subscribe("test.*", func(event.Event) { entered <- struct{}{}; <-release }); err != nil {
		t.Fatal(err)
	}
	bustest.Publish(t, b, bustest.Note{On: "test.a"})
	<-entered
	for range bus.QueueSize + 7 {
		bustest.Publish(t, b, bustest.Note{On: "test.a"})
	}
	if got := told.Load(); got != 7 {
		t.Errorf("told of %d lost events, want 7", got)
	}
	close(release)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkPublish(b *testing.B) {
	m := membus.New(membus.Options{})
	defer m.Close()
	bustest.Benchmark(b, bustest.Pair{Pub: m, Sub: m})
}
