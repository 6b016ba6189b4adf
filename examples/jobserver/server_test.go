package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/guard/egress"
)

// A report goes where the policy says.
func TestReportsGoWhereThePolicyAllows(t *testing.T) {
	got := make(chan string, 1)
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		got <- b.String()
	}))
	defer origin.Close()
	guard, err := egress.New([]byte("allowlist: {rules: [{host: 127.0.0.1}]}"), egress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	monitor, err := anomaly.New(anomaly.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer monitor.Close()
	transport := guard.Transport(nil)
	defer transport.CloseIdleConnections()
	r := httptest.NewRequest(http.MethodPost, "/jobs", strings.NewReader(`{"name":"nightly","report":"`+origin.URL+`"}`))
	r.Header.Set("X-API-Key", "demo")
	w := httptest.NewRecorder()
	newServer("demo", monitor, &http.Client{Transport: transport}).ServeHTTP(w, r)
	if w.Code != http.StatusAccepted {
		t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
	select {
	case body := <-got:
		if body != `{"taken":"nightly"}` {
			t.Errorf("the report is %s", body)
		}
	case <-time.After(time.Minute):
		t.Error("no report came")
	}
}
