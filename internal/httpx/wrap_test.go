package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// answer runs one request through Wrap and returns the answer and the log.
func answer(t *testing.T, h http.HandlerFunc, r *http.Request) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	w := httptest.NewRecorder()
	Wrap(h, WrapOptions{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), MaxBody: 100}).ServeHTTP(w, r)
	return w, log.String()
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func problemOf(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%q is not a problem: %v", w.Body.String(), err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" || p.Status != w.Code || p.Title == "" {
		t.Errorf("type %q, status %d, problem %+v", got, w.Code, p)
	}
	return p
}

func TestRequestID(t *testing.T) {
	own := id.New()
	cases := map[string]string{"": "", own: own, "x": "", "a\nb": "", strings.ToUpper(own): ""}
	for sent, want := range cases {
		var seen string
		r := get("/")
		r.Header.Set(RequestIDHeader, sent)
		w, _ := answer(t, func(_ http.ResponseWriter, r *http.Request) { seen = event.Correlation(r.Context()) }, r)
		got := w.Header().Get(RequestIDHeader)
		if id.Check(got) != nil || got != seen || (got == sent) != (want != "") {
			t.Errorf("sent %q: answered %q, handler saw %q", sent, got, seen)
		}
	}
}

func TestAccessLogHasNoQueryAndNoCredentials(t *testing.T) {
	r := get("/api/v1/x?token=hunter2&q=private")
	r.Header.Set("Authorization", "Bearer cdn_hunter2")
	r.Header.Set("Cookie", "cordon_session=hunter2")
	r.Header.Set("Referer", "https://hunter2.example/")
	r.RemoteAddr = "203.0.113.9:4711"
	_, log := answer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "12345")
	}, r)
	for _, want := range []string{`"method":"GET"`, `"path":"/api/v1/x"`, `"status":418`, `"bytes":5`, `"client":"203.0.113.9"`} {
		if !strings.Contains(log, want) {
			t.Errorf("log lacks %s: %s", want, log)
		}
	}
	for _, secret := range []string{"hunter2", "private", "4711"} {
		if strings.Contains(log, secret) {
			t.Errorf("log holds %q: %s", secret, log)
		}
	}
}

func TestPanicBecomesAProblem(t *testing.T) {
	w, log := answer(t, func(http.ResponseWriter, *http.Request) { panic("token hunter2") }, get("/"))
	p := problemOf(t, w)
	if w.Code != http.StatusInternalServerError || !strings.Contains(p.Detail, w.Header().Get(RequestIDHeader)) {
		t.Errorf("%d, %+v: want 500 that names the request id", w.Code, p)
	}
	if strings.Contains(w.Body.String()+log, "hunter2") {
		t.Errorf("the panic's value is shown: %s %s", w.Body, log)
	}
	if !strings.Contains(log, "TestPanicBecomesAProblem") || !strings.Contains(log, `"status":500`) {
		t.Errorf("log %s: want the place of the panic and the status", log)
	}
}

func TestPanicInTheMidstCutsTheAnswer(t *testing.T) {
	srv := httptest.NewServer(Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"items":[`)
		_ = http.NewResponseController(w).Flush()
		panic("boom")
	}), WrapOptions{}))
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("half an answer %q came as a whole one", body)
	}
}

func TestSecurityHeaders(t *testing.T) {
	w, _ := answer(t, func(http.ResponseWriter, *http.Request) {}, get("/"))
	h := w.Header()
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "",
	}
	for name, value := range want {
		if got := h.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	policy := map[string]string{}
	for directive := range strings.SplitSeq(h.Get("Content-Security-Policy"), "; ") {
		name, value, _ := strings.Cut(directive, " ")
		policy[name] = value
	}
	for name, value := range map[string]string{"default-src": "'self'", "script-src": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'", "object-src": "'none'"} {
		if policy[name] != value {
			t.Errorf("policy %s is %q, want %q", name, policy[name], value)
		}
	}
	if h.Get("Permissions-Policy") == "" {
		t.Error("no permissions policy")
	}
	tls := httptest.NewRequest(http.MethodGet, "https://cordon.example/", nil)
	if w, _ = answer(t, func(http.ResponseWriter, *http.Request) {}, tls); w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over TLS")
	}
}

func TestBodyLimit(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			NewProblem(http.StatusRequestEntityTooLarge, "read").Write(w)
		}
	}
	for size, want := range map[int]int{0: 200, 100: 200, 101: 413} {
		for _, declared := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size)))
			if !declared {
				r.ContentLength = -1 // chunked
			}
			if w, _ := answer(t, read, r); w.Code != want {
				t.Errorf("%d bytes, declared %t: %d, want %d", size, declared, w.Code, want)
			}
		}
	}
}

func TestRecorderNotesTheFinalStatus(t *testing.T) {
	cases := map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"nothing written":       {func(http.ResponseWriter, *http.Request) {}, `"status":200`},
		"written twice":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(500) }, `"status":404`},
		"early hints, then 201": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, `"status":201`},
	}
	for name, c := range cases {
		if _, log := answer(t, c.h, get("/")); !strings.Contains(log, c.want) {
			t.Errorf("%s: log %s lacks %s", name, log, c.want)
		}
	}
}

// deadlines is a response writer that notes the write deadlines it is given.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func TestEveryWriteHasADeadlineUnlessTheHandlerKeepsItsOwn(t *testing.T) {
	d := &deadlines{ResponseWriter: httptest.NewRecorder()}
	rec := newRecorder(d)
	_, _ = rec.Write([]byte("x"))
	rec.Flush()
	if len(d.set) != 3 {
		t.Errorf("%d deadlines, want one at the start and one for each of two writes", len(d.set))
	}
	own := time.Now().Add(time.Hour)
	if err := http.NewResponseController(rec).SetWriteDeadline(own); err != nil {
		t.Fatal(err)
	}
	_, _ = rec.Write([]byte("x"))
	if got := d.set[len(d.set)-1]; !got.Equal(own) {
		t.Errorf("the handler's deadline was overwritten by %v", got)
	}
	rec.finish()
	if got := d.set[len(d.set)-1]; got.Equal(own) {
		t.Error("the handler's deadline holds beyond the handler")
	}
}

func TestAccessLogKeepsRoutineReadsOutOfSight(t *testing.T) {
	tests := []struct {
		method string
		status int
		want   slog.Level
	}{
		{http.MethodGet, 200, slog.LevelDebug},
		{http.MethodHead, 304, slog.LevelDebug},
		{http.MethodGet, 404, slog.LevelInfo},
		{http.MethodPost, 201, slog.LevelInfo},
		{http.MethodGet, 500, slog.LevelWarn},
	}
	for _, tt := range tests {
		if got := accessLevel(tt.method, tt.status); got != tt.want {
			t.Errorf("%s %d is logged as %v, want %v", tt.method, tt.status, got, tt.want)
		}
	}
}
