package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// SourceKinds are the kinds that leak.sources takes: those of the lists in
// internal/app, whose test compares.
func SourceKinds() []string { return []string{"bzzz-log", "dir", "hypercore", "stdin"} }

// WebhookFormats are the formats that notify.webhooks takes, likewise.
func WebhookFormats() []string { return []string{"generic", "slack"} }

// check reports everything that is wrong, not only the first thing.
func (c *Config) check() error {
	errs := []error{c.checkAPI(), c.checkStore(), c.checkBus(), c.checkLog()}
	if c.Leak != nil {
		errs = append(errs, c.checkLeak())
	}
	if c.Notify != nil {
		errs = append(errs, c.checkNotify())
	}
	if c.Fingerprint.Key.Inline() {
		errs = append(errs, errors.New("fingerprint.key: give the installation key as file:PATH or env:NAME, not inline"))
	}
	return errors.Join(errs...)
}

func (c *Config) checkAPI() error {
	host, port, err := net.SplitHostPort(c.API.Listen)
	if err != nil {
		return fmt.Errorf("api.listen: %q is not HOST:PORT, such as %s", c.API.Listen, DefaultListen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("api.listen: port %q is not a number from 0 to 65535", port)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.warn("api.listen: %s is reachable from other machines and speaks plain HTTP; put a TLS proxy in front", c.API.Listen)
	}
	return nil
}

func (c *Config) checkStore() error {
	if scheme, rest, _ := strings.Cut(c.Store.URL, ":"); scheme != "sqlite" || rest == "" {
		return fmt.Errorf("store.url: %q is not supported; give sqlite:PATH", scheme+":...")
	}
	return nil
}

func (c *Config) checkBus() error {
	if c.Bus.URL == "" {
		return nil
	}
	u, err := url.Parse(c.Bus.URL)
	if err != nil || !slices.Contains([]string{"nats", "tls"}, u.Scheme) || u.Host == "" {
		return errors.New("bus.url: give nats://HOST:PORT or tls://HOST:PORT, or leave it empty")
	}
	return nil
}

func (c *Config) checkLog() error {
	if !slices.Contains([]string{"", "debug", "info", "warn", "error"}, c.Log.Level) {
		return fmt.Errorf("log.level: %q is not one of debug, info, warn, error", c.Log.Level)
	}
	if !slices.Contains([]string{"", "json", "text"}, c.Log.Format) {
		return fmt.Errorf("log.format: %q is not json or text", c.Log.Format)
	}
	return nil
}

func (c *Config) checkLeak() error {
	var errs []error
	seen := map[string]bool{}
	for i, s := range c.Leak.Sources {
		at := fmt.Sprintf("leak.sources[%d]", i)
		errs = append(errs, checkID(at, s.ID, seen))
		switch {
		case s.Kind == "" || s.Path == "":
			errs = append(errs, fmt.Errorf("%s: kind and path are mandatory", at))
		case !slices.Contains(SourceKinds(), s.Kind):
			errs = append(errs, fmt.Errorf("%s.kind: %q is not one of %s", at, s.Kind, strings.Join(SourceKinds(), ", ")))
		}
		if s.EncryptionKey.Inline() {
			c.warn("%s.encryption_key stands in the file; better file:PATH or env:NAME", at)
		}
	}
	if p := c.Leak.Policy.MinSeverity; p != nil && *p == event.Info {
		errs = append(errs, errors.New("leak.policy.min_severity: info never enters quarantine; the lowest is low"))
	}
	if bar := c.Leak.Policy.ConfidenceBar(); bar < 0 || bar > 1 {
		errs = append(errs, fmt.Errorf("leak.policy.min_confidence: %v is not between 0 and 1", bar))
	}
	return errors.Join(errs...)
}

func (c *Config) checkNotify() error {
	var errs []error
	seen := map[string]bool{}
	for i, w := range c.Notify.Webhooks {
		at := fmt.Sprintf("notify.webhooks[%d]", i)
		errs = append(errs, checkID(at, w.ID, seen))
		if w.URL.IsZero() || len(w.Topics) == 0 {
			errs = append(errs, fmt.Errorf("%s: url and topics are mandatory", at))
		}
		if w.Format != "" && !slices.Contains(WebhookFormats(), w.Format) {
			errs = append(errs, fmt.Errorf("%s.format: %q is not one of %s", at, w.Format, strings.Join(WebhookFormats(), ", ")))
		}
		for _, p := range w.Topics {
			if err := event.CheckPattern(p); err != nil {
				errs = append(errs, fmt.Errorf("%s.topics: %w", at, err))
			}
		}
		if w.Secret.Inline() {
			c.warn("%s.secret stands in the file; better file:PATH or env:NAME", at)
		}
	}
	return errors.Join(errs...)
}

func checkID(at, id string, seen map[string]bool) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%s.id: %q is not 1 to 64 letters, digits, - or _", at, id)
	}
	if seen[id] {
		return fmt.Errorf("%s.id: %q is taken by an earlier entry", at, id)
	}
	seen[id] = true
	return nil
}

func (c *Config) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}
