// Package otlptest is a receiver of traces for tests: the other end of OTLP
// over HTTP.
//
// Level 1: test code; it imports nothing of ours.
package otlptest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span as it arrived.
type Span struct {
	Trace, ID, Parent, Name string // ids in hex; Parent empty: the root
	From, To                uint64 // nanoseconds since 1970
	Failed                  bool
	Facts                   map[string]string
}

// Receiver keeps what is sent to it.
type Receiver struct {
	URL string

	mu    sync.Mutex
	spans []Span
	raw   []byte
}

// Start runs a receiver until the test ends.
func Start(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	r.URL = srv.URL
	return r
}

// ServeHTTP takes POST /v1/traces.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	raw, err := io.ReadAll(body)
	var in collector.ExportTraceServiceRequest
	if err != nil || req.URL.Path != "/v1/traces" || proto.Unmarshal(raw, &in) != nil {
		http.Error(w, "not an export of traces", http.StatusBadRequest)
		return
	}
	r.keep(raw, &in)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (r *Receiver) keep(raw []byte, in *collector.ExportTraceServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw = append(r.raw, raw...)
	for _, resource := range in.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				r.spans = append(r.spans, convert(s))
			}
		}
	}
}

func convert(s *tracepb.Span) Span {
	facts := map[string]string{}
	for _, a := range s.GetAttributes() {
		facts[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return Span{
		Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
		Name: s.GetName(), From: s.GetStartTimeUnixNano(), To: s.GetEndTimeUnixNano(),
		Failed: s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR, Facts: facts,
	}
}

// Spans are those that arrived so far.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Span{}, r.spans...)
}

// Raw is every byte that arrived so far.
func (r *Receiver) Raw() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.raw)
}
