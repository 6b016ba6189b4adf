package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.cordon.dev/cordon/bzzz/gateway/withheld"
)

const (
	callTimeout = 10 * time.Second
	maxAnswer   = 4 << 20
	feedLimit   = 1000
)

// Server is Cordon's HTTP API.
type Server struct {
	base   string
	key    func() string // in a closure: a struct that is logged shows none
	client *http.Client
}

// NewServer takes the address of a server, http://HOST:PORT, https://HOST or
// unix:///PATH/cordon.sock, with or without /api/v1/events behind it, and an API
// key, which a socket needs none of.
func NewServer(address, key string) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the server's address is no URL") // err may quote a password in it
	}
	s := &Server{key: func() string { return key }, client: &http.Client{Timeout: callTimeout}}
	switch {
	case u.User != nil:
		return nil, errors.New("the server's address holds a password; give the key as CORDON_API_KEY")
	case u.Scheme == "unix":
		path := strings.TrimSuffix(u.Path, "/api/v1/events")
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		s.base, s.client.Transport = "http://localhost", &http.Transport{DialContext: dial}
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		s.base = u.Scheme + "://" + u.Host + strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/api/v1/events")
	default:
		return nil, fmt.Errorf("the server's address begins with %q, not with http://, https:// or unix://", u.Scheme)
	}
	// A redirect would carry the events, and the key, to somebody else.
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s, nil
}

// RefusedError says that a server will not take what it was sent, however often.
type RefusedError struct {
	Status int
	Why    string // the server's words, shortened
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refused: %d %s", e.Status, e.Why)
}

// Post sends events. When it returns nil, the server has them on disk.
func (s *Server) Post(ctx context.Context, events []Event) error {
	body, err := json.Marshal(map[string]any{"events": events})
	if err != nil {
		return fmt.Errorf("encoding events: %w", err)
	}
	if err := s.call(ctx, http.MethodPost, "/api/v1/events", body, nil); err != nil {
		return fmt.Errorf("sending %d events: %w", len(events), err)
	}
	return nil
}

// Page is a part of the withheld feed.
type Page struct {
	Items      []withheld.Item `json:"items"`
	NextCursor string          `json:"next_cursor"`
}

// Withheld returns the changes of the list behind a cursor; empty: from the start.
func (s *Server) Withheld(ctx context.Context, after string) (page Page, err error) {
	q := url.Values{"limit": {fmt.Sprint(feedLimit)}}
	if after != "" {
		q.Set("after", after)
	}
	if err := s.call(ctx, http.MethodGet, "/api/v1/gossip/withheld?"+q.Encode(), nil, &page); err != nil {
		return page, fmt.Errorf("asking for the withheld list: %w", err)
	}
	return page, nil
}

func (s *Server) call(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if key := s.key(); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return err
	case res.StatusCode/100 == 2 && out != nil:
		return json.Unmarshal(text, out)
	case res.StatusCode/100 == 2:
		return nil
	}
	why := strings.ToValidUTF8(string(text[:min(len(text), 300)]), "")
	if final(res.StatusCode) {
		return &RefusedError{res.StatusCode, why}
	}
	return fmt.Errorf("the server answered %d %s", res.StatusCode, why)
}

// final tells refusals of the content from those of the moment, of the key and
// of the place: a person can mend the latter, and what waits is sent then.
func final(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity || status == http.StatusRequestEntityTooLarge
}
