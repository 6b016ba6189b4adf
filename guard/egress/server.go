package egress

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// ReasonNoServer denies what a server was to judge that did not answer.
const ReasonNoServer policy.Reason = "no_server"

// Bounds of one question.
const (
	serverWait   = 5 * time.Second
	maxAnswer    = 64 << 10 // bytes
	maxSource    = 1_024    // bytes of a file's path
	maxFunction  = 512
	maxIdleConns = 8
)

// errServed refuses changes of a policy that is a server's.
var errServed = errors.New("the policy is the server's: change it there, as with cordon egress add")

// judge answers a request; final says that nothing more will be known.
type judge interface {
	decide(r policy.Request, c Caller, final bool) policy.Decision
}

// decide asks the policy in the process itself.
func (h *held) decide(r policy.Request, _ Caller, _ bool) policy.Decision { return h.policy.Decide(r) }

// server asks a running Cordon over its control socket.
type server struct {
	path   string
	client *http.Client
}

func newServer(path string) *server {
	var d net.Dialer
	return &server{path, &http.Client{Timeout: serverWait, CheckRedirect: stay, Transport: &http.Transport{
		DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
		MaxIdleConns:    maxIdleConns,
		IdleConnTimeout: serverWait,
	}}}
}

// stay follows no redirect: who decides is who was asked.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// question and answer are the body of POST /api/v1/egress/decide and of what comes
// back.
type question struct {
	Host       string `json:"host"`
	Port       uint16 `json:"port"`
	Address    string `json:"address,omitempty"`
	Protocol   string `json:"protocol,omitempty"`
	TLS        bool   `json:"tls,omitempty"`
	Method     string `json:"method,omitempty"`
	Path       string `json:"path,omitempty"`
	Final      bool   `json:"final,omitempty"`
	SourceFile string `json:"source_file,omitempty"`
	SourceLine int    `json:"source_line,omitempty"`
	Function   string `json:"function,omitempty"`
}

type answer struct {
	Result       policy.Result `json:"result"`
	Reason       policy.Reason `json:"reason"`
	Rule         string        `json:"rule"`
	Detail       string        `json:"detail"`
	Default      bool          `json:"default"`
	Would        policy.Result `json:"would"`
	AllowCommand string        `json:"allow_command"`
}

func newQuestion(r policy.Request, c Caller, final bool) question {
	q := question{
		Host: r.Host, Port: r.Port, Protocol: string(r.Protocol), TLS: r.TLS, Method: r.Method, Path: r.Path, Final: final,
		SourceFile: clip(c.File, maxSource), SourceLine: c.Line, Function: clip(c.Function, maxFunction),
	}
	if r.Address.IsValid() {
		q.Address = r.Address.String()
	}
	return q
}

// clip keeps the end of a text, which says most of a path and of a function.
func clip(s string, most int) string { return s[max(len(s)-most, 0):] }

// decide implements judge. Without an answer, nothing leaves.
func (s *server) decide(r policy.Request, c Caller, final bool) policy.Decision {
	a, err := s.ask(newQuestion(r, c, final))
	if err != nil {
		return policy.Decision{Result: policy.Deny, Reason: ReasonNoServer, Detail: "the Cordon server that decides did not answer, so nothing leaves: " + err.Error()}
	}
	return policy.Decision{Result: a.Result, Reason: a.Reason, RuleID: a.Rule, Detail: a.Detail, Default: a.Default, Would: a.Would, AllowCommand: a.AllowCommand}
}

func (s *server) ask(q question) (answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return answer{}, fmt.Errorf("asking the server: %w", err)
	}
	resp, err := s.client.Post("http://cordon/api/v1/egress/decide", "application/json", bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("asking %s: %w", s.path, errors.Unwrap(err))
	}
	defer func() { _ = resp.Body.Close() }() // read as far as it matters
	if resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("asking %s: status %d", s.path, resp.StatusCode)
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&a); err != nil {
		return answer{}, fmt.Errorf("asking %s: its answer cannot be read", s.path)
	}
	if a.Result != policy.Allow && a.Result != policy.Deny {
		return answer{}, fmt.Errorf("asking %s: its answer is neither allow nor deny", s.path)
	}
	return a, nil
}
