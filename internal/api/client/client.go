// Package client calls Cordon's API: thin, with the types of package api. The
// CLI uses it over TCP with an API key, over the control socket, and against an
// API in the same process.
//
// To add a call: one method in calls.go.
//
// Level 3, like package api: it may import L0, L1, L2 and api.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// callDeadline bounds one call, longDeadline one that reads much; maxAnswer
// bounds its answer in bytes.
const (
	callDeadline = 30 * time.Second
	longDeadline = 6 * time.Minute
	maxAnswer    = 32 << 20
)

// Options says how the server is reached.
type Options struct {
	BaseURL string       // Mandatory. Such as https://cordon.example:8420; the path may lead through a proxy.
	APIKey  string       // If empty, none is sent: the transport says who calls.
	HTTP    *http.Client // If nil, a new one.
}

// Client calls one server. It is safe for concurrent use.
type Client struct {
	base *url.URL
	key  string
	http *http.Client
}

// New returns a client; an error says what is wrong with the address.
func New(o Options) (*Client, error) {
	u, err := url.Parse(strings.TrimSuffix(o.BaseURL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("server address is not of the form http://HOST:PORT or https://HOST:PORT")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("server address holds more than scheme, host, port and path; give credentials as an API key")
	}
	h := http.Client{}
	if o.HTTP != nil {
		h = *o.HTTP
	}
	// A redirect would carry a judgement or a password to an address nobody gave.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: u, key: o.APIKey, http: &h}, nil
}

// Error is an answer that says no.
type Error struct {
	Status     int           // HTTP status
	Title      string        // the status in words
	Detail     string        // what is wrong, where, and what to do
	RetryAfter time.Duration // of 429 and 503; 0 when the server does not say
}

// Error implements error.
func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Detail
	}
	return fmt.Sprintf("the server answered %d %s", e.Status, e.Title)
}

// StatusOf is the HTTP status of an answer that says no; 0 when err is none.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// call is one request.
type call struct {
	method, path string
	query        url.Values
	headers      map[string]string
	body         any           // If nil, none.
	within       time.Duration // If 0, callDeadline.
}

// do makes a call and reads its answer into out, which may be nil.
func (c *Client) do(ctx context.Context, k call, out any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(k.within, callDeadline))
	defer cancel()
	res, err := c.send(ctx, k)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	if out == nil || res.StatusCode == http.StatusNoContent {
		return res.Header, nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return nil, fmt.Errorf("reading the answer to %s %s: %w", k.method, k.path, err)
	}
	return res.Header, nil
}

// etagOf is the ETag as the node made it, which is never a weak one: a proxy that
// compresses what it passes on puts W/ before it, and no change may rest on such.
func etagOf(h http.Header) string { return strings.TrimPrefix(h.Get("ETag"), "W/") }

// send returns the answer when it is a success.
func (c *Client) send(ctx context.Context, k call) (*http.Response, error) {
	req, err := c.request(ctx, k)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("calling the server: %w", err)
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }() // what matters of it is read
	return nil, problem(res)
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	u := *c.base
	u.RawPath = u.EscapedPath() + k.path
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, fmt.Errorf("building request: %w", err)
	}
	u.Path, u.RawQuery = path, k.query.Encode()
	var body io.Reader
	if k.body != nil {
		b, err := json.Marshal(k.body)
		if err != nil {
			return nil, fmt.Errorf("encoding request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("building request: %w", err)
	}
	c.sign(req, k)
	return req, nil
}

func (c *Client) sign(req *http.Request, k call) {
	req.Header.Set("Accept", "application/json")
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	for name, value := range k.headers {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
}

// problem reads an RFC 9457 answer; one that is not yields its status only.
func problem(res *http.Response) error {
	e := &Error{Status: res.StatusCode, Title: http.StatusText(res.StatusCode)}
	var p api.Problem
	if json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p) == nil {
		e.Detail = p.Detail
	}
	if d, err := time.ParseDuration(res.Header.Get("Retry-After") + "s"); err == nil {
		e.RetryAfter = d
	}
	return e
}
