package config

import "net/netip"

// Respond is what Cordon may do by itself or at somebody's word.
type Respond struct {
	Never        []string `yaml:"never,omitempty" jsonschema:"description=Addresses or networks that are never on the block list\\, such as your office and your monitoring. This machine\\, api.trusted_proxies and the addresses of operators never are."`
	BlockPrivate bool     `yaml:"block_private,omitempty" jsonschema:"description=Private networks (RFC 1918\\, RFC 4193\\, RFC 6598) may be on the block list. Default false."`
	Playbooks    []string `yaml:"playbooks,omitempty" jsonschema:"description=Files of playbooks\\, which say what is done about which event. cordon playbook test FILE says what is wrong with one."`
}

func (c *Config) checkRespond() error { return checkNetworks("respond.never", c.Respond.Never) }

// Spared are the networks that the configuration keeps off the block list. It was
// checked before.
func (c *Config) Spared() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range append(append([]string{}, c.Respond.Never...), c.API.TrustedProxies...) {
		p, err := netip.ParsePrefix(text)
		if a, single := netip.ParseAddr(text); single == nil {
			p, err = a.Unmap().WithZone("").Prefix(a.Unmap().BitLen())
		}
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}
