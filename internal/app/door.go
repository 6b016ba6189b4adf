package app

import (
	"crypto/tls"
	"fmt"
	"net"

	"go.cordon.dev/cordon/internal/httpx"
)

// withTLS puts TLS on a listener when there is a certificate.
func (n *node) withTLS(l net.Listener) (net.Listener, error) {
	if !n.cfg.API.TLS.On() {
		return l, nil
	}
	c, err := httpx.LoadCertificate(n.cfg.API.TLS.Cert, n.cfg.API.TLS.Key, n.log)
	if err != nil {
		return nil, fmt.Errorf("api.tls: %w", err)
	}
	return tls.NewListener(l, c.Config()), nil
}

// door is who may come in from the network, and whose word about that counts.
func (n *node) door() (o httpx.WrapOptions, err error) {
	if o.Proxies, err = httpx.ParsePrefixes(n.cfg.API.TrustedProxies); err != nil {
		return o, fmt.Errorf("api.trusted_proxies: %w", err)
	}
	if o.Allow, err = httpx.ParsePrefixes(n.cfg.API.Allow); err != nil {
		return o, fmt.Errorf("api.allow: %w", err)
	}
	return o, nil
}
