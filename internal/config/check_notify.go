package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// WebhookFormats are the formats that notify.webhooks takes: those of the list
// in internal/app, whose test compares.
func WebhookFormats() []string {
	return []string{"cef", "discord", "email", "generic", "pagerduty", "slack", "syslog", "teams", "template"}
}

func (c *Config) checkNotify() error {
	var errs []error
	seen := map[string]bool{}
	for i, w := range c.Notify.Webhooks {
		at := fmt.Sprintf("notify.webhooks[%d]", i)
		errs = append(errs, checkID(at, w.ID, seen), w.checkWhat(at))
		if w.URL.IsZero() {
			errs = append(errs, fmt.Errorf("%s: url is mandatory", at))
		}
		if w.Format != "" && !slices.Contains(WebhookFormats(), w.Format) {
			errs = append(errs, fmt.Errorf("%s.format: %q is not one of %s", at, w.Format, strings.Join(WebhookFormats(), ", ")))
		}
		c.warnWebhook(at, w)
		c.warnEscalation(at, w)
	}
	return errors.Join(errs...)
}

// checkWhat looks at what is sent.
func (w Webhook) checkWhat(at string) error {
	var errs []error
	if len(w.Topics)+len(w.Presets) == 0 {
		errs = append(errs, fmt.Errorf("%s: give topics, such as leak.message.*, or presets, such as Leaks", at))
	}
	for _, p := range w.Topics {
		if err := event.CheckPattern(p); err != nil {
			errs = append(errs, fmt.Errorf("%s.topics: %w", at, err))
		}
	}
	for _, name := range w.Presets {
		if _, ok := event.FindPreset(name); !ok {
			errs = append(errs, fmt.Errorf("%s.presets: %q is not one of %s", at, name, strings.Join(presetNames(), ", ")))
		}
	}
	if !(w.MinConfidence >= 0 && w.MinConfidence <= 1) {
		errs = append(errs, fmt.Errorf("%s.min_confidence: %v is not between 0 and 1", at, w.MinConfidence))
	}
	if _, err := w.Period(); err != nil {
		errs = append(errs, fmt.Errorf("%s.digest: %w", at, err))
	}
	_, err := w.Steps()
	return errors.Join(append(errs, under(at+".escalate", err))...)
}

// under says where an error is; nil stays nil.
func under(at string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", at, err)
}

// EscalationStep is an Escalation, read.
type EscalationStep struct {
	After time.Duration
	To    string
}

// Steps are those of the escalation.
func (w Webhook) Steps() ([]EscalationStep, error) {
	var out []EscalationStep
	for _, s := range w.Escalate {
		d, err := time.ParseDuration(s.After)
		if err != nil || d <= 0 {
			return nil, fmt.Errorf("after: %.40q is not a duration such as 15m", s.After)
		}
		out = append(out, EscalationStep{d, s.To})
	}
	return out, nil
}

// Period is the digest's as a duration; 0 without one.
func (w Webhook) Period() (time.Duration, error) {
	if w.Digest == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(w.Digest)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%.40q is not a duration such as 15m", w.Digest)
	}
	return d, nil
}

func presetNames() []string {
	var names []string
	for _, p := range event.Presets() {
		names = append(names, p.Name)
	}
	return names
}

// warnWebhook names secrets that stand in the file.
func (c *Config) warnWebhook(at string, w Webhook) {
	if w.Secret.Inline() {
		c.warn("%s.secret stands in the file; better file:PATH or env:NAME", at)
	}
	if w.URL.Inline() && mayBeCredential(w.URL.inline.Reveal()) {
		c.warn("%s.url stands in the file; whoever knows its path may be able to send as Cordon: better file:PATH or env:NAME", at)
	}
}

// warnEscalation names webhooks that are to be told and do not stand in the file: those
// that operators made may be meant.
func (c *Config) warnEscalation(at string, w Webhook) {
	for _, s := range w.Escalate {
		if !slices.ContainsFunc(c.Notify.Webhooks, func(o Webhook) bool { return o.ID == s.To }) {
			c.warn("%s.escalate: no webhook %q stands in the file; it has to be made in the dashboard", at, s.To)
		}
	}
}

// mayBeCredential reports whether an address is more than a host. One that
// cannot be read is judged elsewhere.
func mayBeCredential(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "")
}
