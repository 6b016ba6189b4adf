package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// TraceOptions are the settings of the traces.
type TraceOptions struct {
	Endpoint string       // Mandatory. Of an OTLP receiver over HTTP, such as http://127.0.0.1:4318.
	Node     string       // Mandatory. This node's name.
	Version  string       // Mandatory. This build's version.
	Log      *slog.Logger // Mandatory. Told when traces cannot be sent.
}

// Tracer tells an OTLP receiver the story of each message in which something
// was found: one trace, whose id is the message's correlation id. So whoever
// knows that id, on another node or after a restart, adds to the same trace,
// and nothing has to be carried along. A nil Tracer tells nothing.
//
// Attributes name places and counts. They never hold what a message says.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// sendTimeout bounds one attempt to send traces. What cannot be sent is
// dropped: at most maxSpans wait.
const (
	sendTimeout = 5 * time.Second
	maxSpans    = 2048
)

// NewTracer makes a tracer. The receiver need not be up.
func NewTracer(ctx context.Context, o TraceOptions) (*Tracer, error) {
	address, err := tracesURL(o.Endpoint)
	if err != nil {
		return nil, err
	}
	// The library reports what it cannot send to a hook of the whole process.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("traces were not sent", "error", withoutURL(err)) }))
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address), otlptracehttp.WithTimeout(sendTimeout))
	if err != nil {
		return nil, fmt.Errorf("making the exporter of traces: %w", withoutURL(err))
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter, sdktrace.WithMaxQueueSize(maxSpans), sdktrace.WithBatchTimeout(time.Second), sdktrace.WithExportTimeout(sendTimeout)),
		sdktrace.WithIDGenerator(ids{}),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "cordon"), attribute.String("service.version", o.Version), attribute.String("service.instance.id", o.Node))))
	return &Tracer{provider: provider, tracer: provider.Tracer("go.cordon.dev/cordon")}, nil
}

// tracesURL is where an endpoint takes traces (OTLP 1.0, "OTLP/HTTP Request").
func tracesURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("telemetry.otlp_endpoint is not of the form http://HOST:PORT or https://HOST:PORT")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// withoutURL is an error that does not repeat the endpoint, which may hold
// credentials.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Close sends what waits, until ctx ends.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("sending the last traces: %w", withoutURL(err))
	}
	return nil
}

// Begin tells of the message itself, the root of its trace: from when it came
// to when it was dealt with here. facts are pairs of names and values.
func (t *Tracer) Begin(correlationID, name string, from, to time.Time, facts ...string) {
	if t == nil || id.Check(correlationID) != nil {
		return
	}
	ctx := event.WithCorrelation(context.Background(), correlationID)
	_, span := t.tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithTimestamp(from), trace.WithAttributes(attributes(facts)...))
	span.End(trace.WithTimestamp(to))
}

// Step tells of one step of what was done with the message. fault is empty
// when it went well.
func (t *Tracer) Step(correlationID, name string, from, to time.Time, fault string, facts ...string) {
	if t == nil || id.Check(correlationID) != nil {
		return
	}
	traceID, spanID := rootIDs(correlationID)
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled, Remote: true})
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), parent)
	_, span := t.tracer.Start(ctx, name, trace.WithTimestamp(from), trace.WithAttributes(attributes(facts)...))
	if fault != "" {
		span.SetStatus(codes.Error, fault)
	}
	span.End(trace.WithTimestamp(to))
}

func attributes(facts []string) (out []attribute.KeyValue) {
	for i := 0; i+1 < len(facts); i += 2 {
		out = append(out, attribute.String(facts[i], facts[i+1]))
	}
	return out
}
