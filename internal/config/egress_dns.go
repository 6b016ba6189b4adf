package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// EgressDNS is the name server of the egress sensor.
type EgressDNS struct {
	Listen    string   `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT\\, by UDP and TCP. Default 127.0.0.1:8453."`
	Upstream  []string `yaml:"upstream,omitempty" jsonschema:"description=Name servers that are asked for what the policy allows\\, as ADDRESS or ADDRESS:PORT\\, in their order. Default: those of the system (/etc/resolv.conf)."`
	Synthetic []string `yaml:"synthetic,omitempty" jsonschema:"description=Ranges from which each name gets an address of its own in the place of the real one\\, so that the gateway knows which name a connection is for: one of IPv4\\, such as 198.18.0.0/15\\, and one of IPv6 below fd00::/8. Only for programs whose connections all come to the gateway. Default: none\\, programs get the real addresses."`
}

// EgressTransparent is the door for connections that the kernel redirects.
type EgressTransparent struct {
	Listen string `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT to which the kernel redirects connections (nftables' redirect or tproxy); Linux only. Default: there is none."`
}

// DefaultEgressDNS is where the name server listens.
const DefaultEgressDNS = "127.0.0.1:8453"

// Servers are the upstream servers; none means those of the system.
func (d EgressDNS) Servers() ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, text := range d.Upstream {
		s, err := netip.ParseAddrPort(text)
		if a, bare := netip.ParseAddr(strings.Trim(text, "[]")); err != nil && bare == nil {
			s, err = netip.AddrPortFrom(a, 53), nil
		}
		if err != nil || s.Port() == 0 {
			return nil, fmt.Errorf("egress.dns.upstream: %q is neither ADDRESS nor ADDRESS:PORT; a name server has to be given by its address", text)
		}
		out = append(out, s)
	}
	return out, nil
}

// Ranges are those of synthetic addresses.
func (d EgressDNS) Ranges() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range d.Synthetic {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("egress.dns.synthetic: %q is no range; write it as 198.18.0.0/15", text)
		}
		out = append(out, p)
	}
	return out, nil
}

func (d *EgressDNS) filled() *EgressDNS {
	if d == nil || d.Listen != "" {
		return d
	}
	own := *d
	own.Listen = DefaultEgressDNS
	return &own
}

func (e *Egress) checkDoors() error {
	var errs []error
	if e.Transparent.Listen != "" {
		if err := checkAddress(e.Transparent.Listen); err != nil {
			errs = append(errs, fmt.Errorf("egress.transparent.listen: %w", err))
		}
	}
	if e.DNS == nil {
		return errors.Join(errs...)
	}
	if err := checkAddress(e.DNS.Listen); err != nil {
		errs = append(errs, fmt.Errorf("egress.dns.listen: %w", err))
	}
	_, bad := e.DNS.Servers()
	_, wrong := e.DNS.Ranges()
	return errors.Join(append(errs, bad, wrong)...)
}
