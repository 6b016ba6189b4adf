package main

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"

	"go.cordon.dev/cordon/guard/anomaly"
)

// job is what a caller wants to have run.
type job struct {
	Name       string `json:"name"`
	Image      string `json:"image"`
	Privileged bool   `json:"privileged"`
	Report     string `json:"report"` // where to say that it was taken; empty: nowhere
}

// names are those that jobs may have. What is not in the list of what is good is
// refused; the recognisers of guard/anomaly only tell a slip from an attack.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// server takes jobs.
type server struct {
	key     string
	monitor *anomaly.Monitor
	client  *http.Client // sends reports
}

func newServer(key string, monitor *anomaly.Monitor, client *http.Client) http.Handler {
	s := &server{key, monitor, client}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /jobs", s.take)
	return s.authenticated(mux)
}

// authenticated lets in who has the key. The status 401 is what the middleware
// counts as a failed login.
func (s *server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-API-Key")), []byte(s.key)) != 1 {
			http.Error(w, "X-API-Key is missing or wrong", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	var j job
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&j); err != nil {
		http.Error(w, "the body is no job: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.check(anomaly.ClientAddr(r, nil), j); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	if err := s.report(r, j); err != nil {
		http.Error(w, "the report was not sent: "+err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = fmt.Fprintln(w, "taken:", j.Name) // the caller may be gone
}

// check refuses jobs, and records why.
func (s *server) check(from netip.Addr, j job) error {
	if !names.MatchString(j.Name) {
		s.suspect(from, j.Name)
		return errors.New("a job's name has up to 63 of a-z, 0-9 and -")
	}
	if j.Privileged {
		s.monitor.RecordPrivilegedContainerAttempt(from.String())
		return errors.New("containers with privileges are not run here")
	}
	return nil
}

// suspect records a name that is more than a slip.
func (s *server) suspect(from netip.Addr, name string) {
	if anomaly.IsPathTraversal(name) {
		s.monitor.RecordPathTraversal(from, name)
	}
	if anomaly.IsCommandInjection(name) {
		s.monitor.RecordCommandInjection(from, name)
	}
}

// report tells whoever wants to know. The address is the caller's choice, which is
// how services are made to fetch what only they can reach: the client's policy says
// where to.
func (s *server) report(r *http.Request, j job) error {
	if j.Report == "" {
		return nil
	}
	body, err := json.Marshal(map[string]string{"taken": j.Name})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, j.Report, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
