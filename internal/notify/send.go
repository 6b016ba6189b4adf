package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	maxAnswer  = 4 << 10  // bytes of an answer's body that are read
	maxHeaders = 64 << 10 // bytes of an answer's headers
	maxFault   = 300      // characters of an error that are kept
	userAgent  = "Cordon-Webhook/1.0"
)

// answer is what one attempt brought.
type answer struct {
	status     int           // 0: none
	fault      string        // for people; empty: accepted
	final      bool          // trying again cannot help
	gone       bool          // the endpoint wants nothing any more
	retryAfter time.Duration // the endpoint's wish; 0: none
}

// poster holds the two ways out: one that may reach private addresses and one
// that may not. They share no connections.
type poster struct {
	guarded, open           *http.Client
	guardedDial, openedDial *net.Dialer
	timeout                 time.Duration
}

func newPoster(guard, private DialControl, timeout time.Duration) *poster {
	p := &poster{
		guardedDial: &net.Dialer{Timeout: timeout, Control: guard},
		openedDial:  &net.Dialer{Timeout: timeout, Control: private}, timeout: timeout,
	}
	p.guarded, p.open = newClient(p.guardedDial, timeout), newClient(p.openedDial, timeout)
	return p
}

func (p *poster) dialer(allowPrivate bool) *net.Dialer {
	if allowPrivate {
		return p.openedDial
	}
	return p.guardedDial
}

// newClient uses no proxy, whose address would be judged in place of the
// endpoint's, and follows no redirect, which could lead anywhere.
func newClient(dialer *net.Dialer, timeout time.Duration) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    timeout,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeaders,
			MaxIdleConns:           64, // a lane has one
			MaxIdleConnsPerHost:    64, // many webhooks may lead to one host
			IdleConnTimeout:        90 * time.Second,
		},
	}
}

func (p *poster) client(allowPrivate bool) *http.Client {
	if allowPrivate {
		return p.open
	}
	return p.guarded
}

func (p *poster) close() {
	p.guarded.CloseIdleConnections()
	p.open.CloseIdleConnections()
}

// attempt renders one delivery and sends it the way of its format.
func (n *Notifier) attempt(ctx context.Context, s Subscription, d Delivery) answer {
	secret, err := n.open(s)
	if err != nil { // never unsigned instead
		return answer{fault: clip(err.Error())}
	}
	defer clear(secret)
	body, contentType, err := n.render(s, d.Event, secret)
	if err != nil {
		return answer{fault: clip(err.Error()), final: true}
	}
	m := message{d.ID, n.deps.Clock.Now(), body}
	ctx, cancel := context.WithTimeout(ctx, n.post.timeout)
	defer cancel()
	if f, ok := findFormat(s.Format, n.deps.Formats).(Carried); ok {
		return n.carry(ctx, f, s, m, secret)
	}
	return n.deliver(ctx, s, m, contentType, secret)
}

// deliver signs and posts one message.
func (n *Notifier) deliver(ctx context.Context, s Subscription, m message, contentType string, secret []byte) answer {
	signature, err := n.sign(s, secret, m)
	if err != nil {
		return answer{fault: clip(err.Error())}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(m.body))
	if err != nil { // its text holds the URL
		return answer{fault: "url is malformed; set it again", final: true}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, m.id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(m.at.Unix(), 10))
	if signature != "" {
		req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	}
	return n.send(req, s.AllowPrivate)
}

func (n *Notifier) send(req *http.Request, allowPrivate bool) answer {
	resp, err := n.post.client(allowPrivate).Do(req)
	if err != nil {
		return answer{fault: clip(n.describe(err, "the endpoint's answer is not HTTP, or not TLS where url says https"))}
	}
	defer func() { _ = resp.Body.Close() }()
	// The status is the answer; the body is read only so that the connection
	// can be used again.
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	ans := answer{status: resp.StatusCode}
	if resp.StatusCode/100 == 2 {
		return ans
	}
	ans.fault = describeStatus(resp.StatusCode)
	ans.final = !retryable(resp.StatusCode)
	ans.gone = resp.StatusCode == http.StatusGone
	ans.retryAfter = retryAfter(resp.Header.Get("Retry-After"), n.deps.Clock.Now())
	return ans
}

func describeStatus(status int) string {
	text := fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
	switch {
	case status/100 == 3:
		return text + ": redirects are not followed; set url to the final address"
	case status == http.StatusGone, status == http.StatusNotFound:
		return text + ": the endpoint is not there; check url"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return text + ": the endpoint refuses; check url and secret"
	}
	return text
}

// describe says what went wrong on the way. It picks texts that are known to
// hold neither the URL nor what the other side sent, which could be an echo of
// the request; otherwise is said of the rest.
func (n *Notifier) describe(err error, otherwise string) string {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", n.post.timeout)
	case errors.As(err, &dns):
		return "looking up " + dns.Name + ": " + dns.Err
	case errors.As(err, &cert):
		return "TLS: " + cert.Err.Error()
	case errors.As(err, &op):
		return op.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the endpoint closed the connection without an answer"
	}
	return otherwise
}

// clip bounds a text that is stored and shown, and leaves out what a terminal
// might obey.
func clip(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
	if len(r) > maxFault {
		r = append(r[:maxFault-1], '…')
	}
	return string(r)
}
