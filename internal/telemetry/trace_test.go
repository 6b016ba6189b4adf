package telemetry

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/telemetry/otlptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTracer(t *testing.T, endpoint string, log *bytes.Buffer) *Tracer {
	t.Helper()
	tr, err := NewTracer(t.Context(), TraceOptions{Endpoint: endpoint, Node: "node-1", Version: "1", Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Two nodes that know one correlation id tell one story.
func TestStepsOfTwoNodesMakeOneTrace(t *testing.T) {
	r := otlptest.Start(t)
	cause, other, at := id.New(), id.New(), time.Now()
	one, two := newTracer(t, r.URL, &bytes.Buffer{}), newTracer(t, r.URL+"/", &bytes.Buffer{})
	one.Begin(cause, "message", at, at.Add(time.Second), "source.id", "chat")
	one.Step(cause, "leak.scan", at, at.Add(time.Millisecond), "")
	two.Step(cause, "notify.deliver", at, at.Add(time.Minute), "not accepted", "attempt", "2")
	two.Begin(other, "message", at, at)
	two.Begin("not an id", "message", at, at)
	two.Step("", "notify.deliver", at, at, "")
	for _, tr := range []*Tracer{one, two} {
		if err := tr.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	spans := map[string]otlptest.Span{}
	for _, s := range r.Spans() {
		spans[s.Name+" "+s.Trace] = s
	}
	traceID := strings.ReplaceAll(cause, "-", "")
	root, scan, deliver := spans["message "+traceID], spans["leak.scan "+traceID], spans["notify.deliver "+traceID]
	if len(spans) != 4 || root.ID == "" || root.Parent != "" || scan.Parent != root.ID || deliver.Parent != root.ID || scan.ID == deliver.ID {
		t.Fatalf("spans %+v", r.Spans())
	}
	if root.Facts["source.id"] != "chat" || root.To-root.From != uint64(time.Second) || root.Failed {
		t.Errorf("root %+v", root)
	}
	if !deliver.Failed || deliver.Facts["attempt"] != "2" || scan.Failed {
		t.Errorf("steps %+v %+v", scan, deliver)
	}
}

func TestNoTracerTellsNothing(t *testing.T) {
	var none *Tracer
	none.Begin(id.New(), "message", time.Now(), time.Now())
	none.Step(id.New(), "leak.scan", time.Now(), time.Now(), "")
	if err := none.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// A receiver that is away costs traces, and its address's credentials are in
// no line of the log.
func TestAReceiverThatIsAway(t *testing.T) {
	var log bytes.Buffer
	tr := newTracer(t, "http://ada:"+"hunter2@127.0.0.1:9", &log)
	tr.Begin(id.New(), "message", time.Now(), time.Now())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = tr.Close(ctx) // it may or may not have given up by then
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("log %s", log.String())
	}
}

func TestBadEndpointsAreRefusedWithoutTheirPassword(t *testing.T) {
	for _, bad := range []string{"", "host:4318", "grpc://u:hunter2@host:4317", "http://", "http://u:hunter2@ho st"} {
		_, err := NewTracer(t.Context(), TraceOptions{Endpoint: bad, Node: "n", Version: "1", Log: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "telemetry.otlp_endpoint") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}
