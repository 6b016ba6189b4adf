package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// checkAPI reports everything that is wrong with the API's section.
func (c *Config) checkAPI() error {
	return errors.Join(c.checkListen(), c.checkTLS(), checkNetworks("api.trusted_proxies", c.API.TrustedProxies),
		checkNetworks("api.allow", c.API.Allow), c.API.RateLimit.check())
}

func (c *Config) checkListen() error {
	host, port, err := net.SplitHostPort(c.API.Listen)
	if err != nil {
		return fmt.Errorf("api.listen: %q is not HOST:PORT, such as %s", c.API.Listen, DefaultListen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("api.listen: port %q is not a number from 0 to 65535", port)
	}
	ip := net.ParseIP(host)
	open := host != "localhost" && (ip == nil || !ip.IsLoopback())
	if open && !c.API.TLS.On() && len(c.API.TrustedProxies) == 0 {
		c.warn("api.listen: %s is reachable from other machines and speaks plain HTTP; give api.tls a certificate, or put a TLS proxy in front and name it in api.trusted_proxies", c.API.Listen)
	}
	return nil
}

func (c *Config) checkTLS() error {
	if (c.API.TLS.Cert == "") != (c.API.TLS.Key == "") {
		return errors.New("api.tls: give both cert and key, or neither")
	}
	return nil
}

func checkNetworks(at string, list []string) error {
	for i, text := range list {
		if _, err := netip.ParseAddr(text); err == nil {
			continue
		}
		if p, err := netip.ParsePrefix(text); err != nil || p != p.Masked() {
			return fmt.Errorf("%s[%d]: %q is no network such as 10.0.0.0/8 and no address such as 192.0.2.7", at, i, text)
		}
	}
	return nil
}

func (r RateLimit) check() error {
	if r.PerSecond < 0 || r.Burst < 0 {
		return errors.New("api.rate_limit: per_second and burst are numbers above 0; leave them out for the defaults")
	}
	return nil
}

// On reports whether there is a certificate.
func (t TLS) On() bool { return t.Cert != "" }

// Every is the time between two requests.
func (r RateLimit) Every() time.Duration {
	return time.Second / time.Duration(orDefault(r.PerSecond, DefaultPerSecond))
}

// Most is how many requests may come at once.
func (r RateLimit) Most() int { return orDefault(r.Burst, DefaultBurst) }

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// URL is how a browser on this machine reaches the API.
func (a API) URL() string {
	at, scheme := a.Listen, "http://"
	if a.TLS.On() {
		scheme = "https://"
	}
	if host, port, err := net.SplitHostPort(at); err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		at = net.JoinHostPort("127.0.0.1", port)
	}
	return scheme + at
}
