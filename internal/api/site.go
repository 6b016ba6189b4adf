package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/httpx"
)

// site puts the API, the pages for machines and the dashboard under one roof.
// Nothing below /api ever falls through to the dashboard.
func (a *API) site(operations *http.ServeMux) http.Handler {
	operations.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { unknownOperation(operations, w, r) })
	api := a.identified(operations)
	root := http.NewServeMux()
	root.Handle("/api", api)
	root.Handle("/api/", api)
	root.HandleFunc("GET /healthz", noted(healthz))
	root.HandleFunc("GET /readyz", noted(a.readyz))
	root.HandleFunc("GET /metrics", noted(a.prometheus))
	root.HandleFunc("GET /openapi.json", noted(a.openapi))
	root.Handle("/", noted(dashboard{a.Dashboard, &packed{}}.ServeHTTP))
	return root
}

// noted tells the metrics which page was asked for: its pattern, never its path.
func noted(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		httpx.SetRoute(r.Context(), r.Pattern)
		h(w, r)
	}
}

// noteRoute does the same for an operation.
func noteRoute(ctx huma.Context, next func(huma.Context)) {
	httpx.SetRoute(ctx.Context(), ctx.Operation().Method+" "+ctx.Operation().Path)
	next(ctx)
}

// unknownOperation says whether it is the path or the method that is wrong.
func unknownOperation(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(probe); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		writeProblem(w, problem(http.StatusNotFound, "there is no such operation; GET /openapi.json lists all"))
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	writeProblem(w, problem(http.StatusMethodNotAllowed, "this path takes %s only", list))
}

// healthz says that the process answers, and nothing more.
func healthz(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// readyz says whether everything that is configured listens and was tried.
func (s *server) readyz(w http.ResponseWriter, _ *http.Request) {
	var reasons []string
	if s.Ready != nil {
		reasons = s.Ready()
	}
	if len(reasons) == 0 {
		writeText(w, http.StatusOK, "ready\n")
		return
	}
	writeText(w, http.StatusServiceUnavailable, "not ready:\n"+strings.Join(reasons, "\n")+"\n")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the peer is gone when this fails
}

// prometheus shows the metrics to programs on this machine and to viewers.
func (s *server) prometheus(w http.ResponseWriter, r *http.Request) {
	if s.Prometheus == nil {
		http.NotFound(w, r)
		return
	}
	if local(r) {
		s.Prometheus.ServeHTTP(w, r)
		return
	}
	ctx, _, err := s.identify(r)
	if s.heldUp(ctx, w, r, err) {
		return
	}
	if err != nil {
		s.turnAway(w, r, err)
		return
	}
	who, known := auth.PrincipalFrom(ctx)
	switch {
	case !known:
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeProblem(w, problem(http.StatusUnauthorized, "metrics are for programs on this machine and for viewers; send an API key"))
	case !who.Role.Includes(auth.Viewer) || !who.Scopes.Allow("node", false):
		writeProblem(w, problem(http.StatusForbidden, "metrics need the role viewer, and of a narrowed key the scope node:read"))
	default:
		s.Prometheus.ServeHTTP(w, r.WithContext(ctx))
	}
}

// local reports whether a request really comes from a program on this machine:
// not from a proxy on it that passes on what others send, and not from a page
// whose name was made to lead here (DNS rebinding).
func local(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via", "Sec-Fetch-Site"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	return loopback(remoteIP(r)) && loopback(hostname(r.Host))
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// openapi describes the API to programs.
func (s *server) openapi(w http.ResponseWriter, r *http.Request) {
	b, err := s.described()
	if err != nil {
		s.Log.ErrorContext(r.Context(), "describing the API", "error", err)
		writeProblem(w, problem(http.StatusInternalServerError, "%s", errInternal.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b) // the peer is gone when this fails
}
