package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"go.cordon.dev/cordon/internal/api"
)

// EvidenceQuery narrows lists of what clients did on deckies; zero fields do
// not, and those that a list does not know are left out.
type EvidenceQuery struct {
	Limit       int    // of one page; 0: the server's default
	Cursor      string // NextCursor of the page before
	Decky       string
	Service     string
	Attacker    string // address
	Session     string // of logs and artifacts
	Type        string // of logs
	Recorded    bool   // of sessions
	Kind        string // of credentials
	Fingerprint string // of credentials
	SHA256      string // of artifacts
}

func (q EvidenceQuery) values(more url.Values) url.Values {
	all := url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "decky": text(q.Decky), "service": text(q.Service), "attacker_ip": text(q.Attacker),
	}
	for k, v := range more {
		all[k] = v
	}
	return all
}

// DeckyLogs returns one page of what clients did, newest first.
func (c *Client) DeckyLogs(ctx context.Context, q EvidenceQuery) (api.DeckyLogPage, error) {
	return get[api.DeckyLogPage](ctx, c, "/logs", q.values(url.Values{"session": text(q.Session), "event_type": text(q.Type)}))
}

// RevealLog returns what a client sent.
func (c *Client) RevealLog(ctx context.Context, id, reason string) (out api.LogEvidence, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("logs", id, "reveal"), body: api.RevealRequest{Reason: reason}}, &out)
	return out, err
}

// DeckySessions returns one page of connections, newest first.
func (c *Client) DeckySessions(ctx context.Context, q EvidenceQuery) (api.DeckySessionPage, error) {
	more := url.Values{}
	if q.Recorded {
		more.Set("recorded", "true")
	}
	return get[api.DeckySessionPage](ctx, c, "/sessions", q.values(more))
}

// DeckySession returns one connection.
func (c *Client) DeckySession(ctx context.Context, id string) (out api.DeckySession, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("sessions", id)}, &out)
	return out, err
}

// Transcript returns lines of a recorded terminal from a byte offset on.
func (c *Client) Transcript(ctx context.Context, decky, id string, offset int64) (out api.Transcript, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("transcripts", decky, id), query: url.Values{"offset": {strconv.FormatInt(offset, 10)}}}, &out)
	return out, err
}

// Artifacts returns one page of files that clients left, newest first.
func (c *Client) Artifacts(ctx context.Context, q EvidenceQuery) (api.ArtifactPage, error) {
	return get[api.ArtifactPage](ctx, c, "/artifacts", q.values(url.Values{"session": text(q.Session), "sha256": text(q.SHA256)}))
}

// Credentials returns one page of what clients tried to log in with, newest
// first.
func (c *Client) Credentials(ctx context.Context, q EvidenceQuery) (api.CredentialPage, error) {
	return get[api.CredentialPage](ctx, c, "/credentials", q.values(url.Values{"kind": text(q.Kind), "fingerprint": text(q.Fingerprint)}))
}

// RevealCredential returns one in the clear.
func (c *Client) RevealCredential(ctx context.Context, id, reason string) (out api.CredentialSecret, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("credentials", id, "reveal"), body: api.RevealRequest{Reason: reason}}, &out)
	return out, err
}
