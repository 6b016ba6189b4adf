package httpx

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestAnswersAreObservedByRoute(t *testing.T) {
	var seen []string
	h := Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/known/7":
			SetRoute(r.Context(), "GET /known/{id}")
			w.WriteHeader(http.StatusTeapot)
		case "/panics":
			panic("hunter2")
		}
	}), WrapOptions{Observe: func(route string, status int, _ time.Duration) {
		seen = append(seen, route+" "+http.StatusText(status))
	}})
	for _, path := range []string{"/known/7", "/made/up", "/panics"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	want := []string{"GET /known/{id} I'm a teapot", " OK", " Internal Server Error"}
	if !slices.Equal(seen, want) {
		t.Errorf("observed %q, want %q", seen, want)
	}
	SetRoute(t.Context(), "outside of a request") // does nothing
}
