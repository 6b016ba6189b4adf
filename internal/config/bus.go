package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// resolveBus follows a reference in bus.url.
func (c *Config) resolveBus() error {
	ref := SecretRef(c.Bus.URL)
	if c.Bus.URL == "" || ref.Inline() {
		return nil
	}
	value, err := ref.Resolve()
	if err != nil {
		return fmt.Errorf("bus.url: %w", err)
	}
	c.busRef, c.Bus.URL = c.Bus.URL, value.Reveal()
	return nil
}

// checkBus never repeats what may hold a password or a token.
func (c *Config) checkBus() error {
	if c.Bus.URL == "" {
		return nil
	}
	for one := range strings.SplitSeq(c.Bus.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || !slices.Contains([]string{"nats", "tls"}, u.Scheme) || u.Host == "" {
			return errors.New("bus.url: give nats://HOST:PORT or tls://HOST:PORT, several with commas between them, or leave it empty")
		}
		if u.User != nil && c.busRef == "" {
			c.warn("bus.url holds credentials; better file:PATH or env:NAME of it")
		}
	}
	return nil
}

// shownBus is the bus as Print shows it. Before the @ may stand a token, so
// nothing of it is shown.
func (c *Config) shownBus() Bus {
	if c.busRef != "" {
		return Bus{URL: c.busRef}
	}
	if c.Bus.URL == "" {
		return Bus{}
	}
	var shown []string
	for one := range strings.SplitSeq(c.Bus.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil {
			return Bus{URL: "[redacted]"}
		}
		if u.User != nil {
			u.User = url.User("xxxxx")
		}
		shown = append(shown, u.String())
	}
	return Bus{URL: strings.Join(shown, ",")}
}
