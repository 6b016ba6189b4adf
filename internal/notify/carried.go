package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/redact"
)

// Carried is a format whose messages do not travel by HTTP. The webhook's secret
// is the password for the way, not a signing secret.
type Carried interface {
	Format
	Way
}

// Way is how messages travel.
type Way interface {
	// Schemes are those of the URLs that its messages are sent to.
	Schemes() []string
	// CheckURL reports why nothing can be sent there. Its errors show neither the
	// secret nor a user.
	CheckURL(u *url.URL, secret redact.Secret) error
	// Carry hands one message over, within ctx. It returns the receiver's status,
	// 0 where there is none; the error is a *Refusal when the receiver said no,
	// and else what went wrong on the way.
	Carry(ctx context.Context, c Cargo) (status int, err error)
}

// Cargo is one message on its way.
type Cargo struct {
	ID     string // the webhook-id: the same on every attempt
	At     time.Time
	Body   []byte // as Render made it
	URL    *url.URL
	Secret redact.Secret
	// Dial connects as the webhook may: it judges every address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Refusal is a receiver's no.
type Refusal struct {
	Status int    // 0: it has none
	Why    string // for people; holds nothing that the receiver sent
	Final  bool   // trying again cannot help
}

// Error implements error.
func (r *Refusal) Error() string { return r.Why }

// schemesOf are the schemes of a format's addresses.
func schemesOf(f Format) []string {
	if c, ok := f.(Carried); ok {
		return c.Schemes()
	}
	return []string{"https", "http"}
}

// checkWay reports why messages of the format cannot go to the address, which
// CheckURL has accepted.
func checkWay(raw string, f Format, secret redact.Secret) error {
	u, err := url.Parse(raw)
	if err != nil || f == nil {
		return nil // said elsewhere
	}
	if schemes := schemesOf(f); !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("url of the format %s begins with %s://, not with %s://", f.Name(), strings.Join(schemes, ":// or "), u.Scheme)
	}
	if c, ok := f.(Carried); ok {
		return c.CheckURL(u, secret)
	}
	return nil
}

// secretKind names what a format takes a webhook's secret for: empty where it
// signs with it, else itself.
func (n *Notifier) secretKind(format string) string {
	f := findFormat(format, n.deps.Formats)
	_, keyed := f.(Keyed)
	_, carried := f.(Carried)
	if keyed || carried {
		return format
	}
	return ""
}

// carry takes the way of a format that is not sent by HTTP.
func (n *Notifier) carry(ctx context.Context, f Carried, s Subscription, m message, secret []byte) answer {
	u, err := url.Parse(s.URL)
	if err != nil { // its text holds the URL
		return answer{fault: "url is malformed; set it again", final: true}
	}
	status, err := f.Carry(ctx, Cargo{
		ID: m.id, At: m.at, Body: m.body, URL: u, Secret: redact.NewSecret(string(secret)), Dial: n.post.dialer(s.AllowPrivate).DialContext,
	})
	var no *Refusal
	switch {
	case err == nil:
		return answer{status: status}
	case errors.As(err, &no):
		return answer{status: no.Status, fault: clip(no.Why), final: no.Final}
	}
	return answer{fault: clip(n.describe(err, "the receiver's answer is not that of "+f.Name()))}
}
