package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
)

// Ingest is what is taken of other programs' logs.
type Ingest struct {
	Syslog Syslog    `yaml:"syslog,omitempty" jsonschema:"description=What other machines send by syslog."`
	Files  []LogFile `yaml:"files,omitempty" jsonschema:"description=Log files of this machine that are followed through their rotations."`
}

// Syslog is the syslog server. Addresses that are empty are not listened on.
type Syslog struct {
	UDP     string    `yaml:"udp,omitempty" jsonschema:"description=Address as HOST:PORT for datagrams\\, which may get lost on the way. Default: there is none."`
	TCP     string    `yaml:"tcp,omitempty" jsonschema:"description=Address as HOST:PORT for plain connections. Default: there is none."`
	TLS     SyslogTLS `yaml:"tls,omitempty" jsonschema:"description=The address for connections by TLS."`
	Allow   []string  `yaml:"allow,omitempty" jsonschema:"description=Addresses or networks that may send. Needed where an address is open to other machines. Default: this machine."`
	Parsers []string  `yaml:"parsers,omitempty" jsonschema:"enum=nginx,enum=pam,enum=sshd,description=Whose lines are read. Default: all."`
}

// SyslogTLS is the syslog server's address for TLS.
type SyslogTLS struct {
	Listen   string `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT. Default: there is none."`
	Cert     string `yaml:"cert,omitempty" jsonschema:"description=PEM file of the certificate and its chain; read again when it changes."`
	Key      string `yaml:"key,omitempty" jsonschema:"description=PEM file of its private key."`
	ClientCA string `yaml:"client_ca,omitempty" jsonschema:"description=PEM file of the authorities whose certificates senders must have. Default: senders need none."`
}

// LogFile is one log that is followed.
type LogFile struct {
	ID      string   `yaml:"id" jsonschema:"required,description=Letters\\, digits\\, - and _. The position is kept by it: do not change it."`
	Path    string   `yaml:"path" jsonschema:"required,description=The file. It may not exist yet."`
	Parsers []string `yaml:"parsers,omitempty" jsonschema:"enum=nginx,enum=pam,enum=sshd,description=Whose lines are read. Default: all."`
}

// Parsers are the names that ingest's parsers take: those of the list in
// internal/app, whose test compares.
func Parsers() []string { return []string{"nginx", "pam", "sshd"} }

// On reports whether any address is listened on.
func (s Syslog) On() bool { return s.UDP != "" || s.TCP != "" || s.TLS.Listen != "" }

// Networks are those that may send.
func (s Syslog) Networks() []netip.Prefix {
	if len(s.Allow) == 0 {
		return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	var out []netip.Prefix
	for _, text := range s.Allow {
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		} else if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func (c *Config) checkIngest() error {
	errs := []error{c.Ingest.Syslog.check()}
	seen := map[string]bool{}
	for i, f := range c.Ingest.Files {
		at := fmt.Sprintf("ingest.files[%d]", i)
		errs = append(errs, checkID(at, f.ID, seen), checkParsers(at, f.Parsers))
		if !filepath.IsAbs(f.Path) {
			errs = append(errs, fmt.Errorf("%s.path: %q is no absolute path", at, f.Path))
		}
	}
	return errors.Join(errs...)
}

func (s Syslog) check() error {
	errs := []error{checkNetworks("ingest.syslog.allow", s.Allow), checkParsers("ingest.syslog", s.Parsers), s.TLS.check()}
	for _, l := range []struct{ key, address string }{{"udp", s.UDP}, {"tcp", s.TCP}, {"tls.listen", s.TLS.Listen}} {
		if l.address == "" {
			continue
		}
		if err := checkAddress(l.address); err != nil {
			errs = append(errs, fmt.Errorf("ingest.syslog.%s: %w", l.key, err))
		} else if len(s.Allow) == 0 && !loopback(l.address) {
			errs = append(errs, fmt.Errorf("ingest.syslog.%s: %s is open to other machines; name those that may send in ingest.syslog.allow", l.key, l.address))
		}
	}
	return errors.Join(errs...)
}

func (t SyslogTLS) check() error {
	switch {
	case t.Listen != "" && (t.Cert == "" || t.Key == ""):
		return errors.New("ingest.syslog.tls: give cert and key")
	case t.Listen == "" && (t.Cert != "" || t.Key != "" || t.ClientCA != ""):
		return errors.New("ingest.syslog.tls: give listen, an address such as 0.0.0.0:6514")
	}
	return nil
}

func checkParsers(at string, names []string) error {
	for _, name := range names {
		if !slices.Contains(Parsers(), name) {
			return fmt.Errorf("%s.parsers: %q is not one of %s", at, name, strings.Join(Parsers(), ", "))
		}
	}
	return nil
}

// loopback says whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	a, bad := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || bad == nil && a.IsLoopback())
}
