package notify

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"go.cordon.dev/cordon/internal/redact"
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

// open unseals a subscription's secret; nil when it has none.
func (n *Notifier) open(s Subscription) ([]byte, error) {
	if len(s.SealedSecret) == 0 {
		return nil, nil
	}
	secret, err := n.deps.Sealer.Open(s.SealedSecret)
	if err != nil {
		return nil, fmt.Errorf("signing secret cannot be opened; restore the master key or set the secret again: %w", err)
	}
	return secret, nil
}

// message is what a signature covers.
type message struct {
	id   string
	at   time.Time
	body []byte
}

// sign returns the webhook-signature header (Standard Webhooks 1.0, "Signature
// scheme"): v1 and the HMAC-SHA-256 of id.timestamp.body. Without a secret it
// is empty, and also where the secret is a key in the body.
func (n *Notifier) sign(s Subscription, secret []byte, m message) (string, error) {
	if _, keyed := findFormat(s.Format, n.deps.Formats).(Keyed); keyed || len(secret) == 0 {
		return "", nil
	}
	signer, err := newSigner(secret)
	if err != nil {
		return "", err
	}
	return signer.Sign(m.id, m.at, m.body)
}

// secretBytes is how long a secret is that Cordon makes (Standard Webhooks 1.0
// asks for 24 to 64).
const secretBytes = 32

// newSecret makes a signing secret in the notation of Standard Webhooks.
func newSecret() redact.Secret {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // crypto/rand never fails
	return redact.NewSecret(secretPrefix + base64.StdEncoding.EncodeToString(key))
}
