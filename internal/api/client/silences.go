package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Silences returns one page, newest first; a limit of 0 is the server's default.
func (c *Client) Silences(ctx context.Context, limit int, cursor string) (api.SilencePage, error) {
	return get[api.SilencePage](ctx, c, "/silences", url.Values{"limit": number(limit), "cursor": text(cursor)})
}

// SilencePreview says what a silence would have hidden in the last days; 0: 30.
func (c *Client) SilencePreview(ctx context.Context, r api.SilenceRequest, days int) (api.SilencePreview, error) {
	return get[api.SilencePreview](ctx, c, "/silences/preview", url.Values{
		"topic": r.Topics, "rule": r.Rules, "source": r.Sources, "fingerprint": r.Fingerprints, "max_severity": text(r.MaxSeverity), "days": number(days),
	})
}

// SilenceCreate silences webhooks for a while.
func (c *Client) SilenceCreate(ctx context.Context, r api.SilenceRequest) (api.Silence, error) {
	return send[api.Silence](ctx, c, http.MethodPost, "/silences", r)
}

// SilenceEnd ends a silence early.
func (c *Client) SilenceEnd(ctx context.Context, id string, r api.SilenceEnd) (api.Silence, error) {
	var out api.Silence
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("silences", id, "end"), body: r}, &out)
	return out, err
}
