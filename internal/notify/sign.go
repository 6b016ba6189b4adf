package notify

import (
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// secretPrefix marks a secret in the notation of Standard Webhooks: the key is
// what follows, in base64.
const secretPrefix = "whsec_"

// newSigner reads a signing secret. One without the prefix is used as it is,
// byte by byte.
func newSigner(secret []byte) (*standardwebhooks.Webhook, error) {
	if !strings.HasPrefix(string(secret), secretPrefix) {
		return standardwebhooks.NewWebhookRaw(secret)
	}
	signer, err := standardwebhooks.NewWebhook(string(secret))
	if err != nil { // not wrapped: its text is about the secret
		return nil, fmt.Errorf("secret begins with %s but what follows is not base64", secretPrefix)
	}
	return signer, nil
}

// sign returns the webhook-signature header (Standard Webhooks 1.0, "Signature
// scheme"): v1 and the HMAC-SHA-256 of id.timestamp.body. Without a secret it
// is empty.
func (n *Notifier) sign(s Subscription, id string, at time.Time, body []byte) (string, error) {
	if len(s.SealedSecret) == 0 {
		return "", nil
	}
	secret, err := n.deps.Sealer.Open(s.SealedSecret)
	if err != nil {
		return "", fmt.Errorf("signing secret cannot be opened; restore the master key or set the secret again: %w", err)
	}
	defer clear(secret)
	signer, err := newSigner(secret)
	if err != nil {
		return "", err
	}
	return signer.Sign(id, at, body)
}
