package client

import (
	"context"
	"net/http"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/redact"
)

// LookUp asks where a secret was seen.
func (c *Client) LookUp(ctx context.Context, secret redact.Secret) (api.Lookup, error) {
	var out api.Lookup
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("fingerprints", "lookup"), body: api.LookupRequest{Secret: secret.Reveal()}}, &out)
	return out, err
}
