package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// endpoint starts a webhook's receiver, which lives as long as the script.
func endpoint(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: endpoint NAME DIR")
	}
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o700))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, dir) }))
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL)
}

func answer(w http.ResponseWriter, r *http.Request, dir string) {
	body, _ := io.ReadAll(r.Body)
	f, err := os.OpenFile(filepath.Join(dir, "got"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	_, _ = fmt.Fprintf(f, "%s %s %s\n", r.Header.Get("webhook-id"), r.Header.Get("webhook-signature"), body)
	code := http.StatusNoContent
	if b, err := os.ReadFile(filepath.Join(dir, "status")); err == nil {
		if code, err = strconv.Atoi(strings.TrimSpace(string(b))); err != nil {
			panic(err)
		}
	}
	w.WriteHeader(code)
}
