package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"
)

// Egress is the egress sensor: the gateway and what it records.
type Egress struct {
	Listen      string            `yaml:"listen,omitempty" jsonschema:"description=Address as HOST:PORT of the gateway\\, which speaks HTTP and SOCKS5. Default 127.0.0.1:8421."`
	Policy      string            `yaml:"policy,omitempty" jsonschema:"description=The policy file; read again when it changes\\, and written by changes through the API. Without one everything is denied. Default: egress/policy.yaml in the data directory."`
	LogDir      string            `yaml:"log_dir,omitempty" jsonschema:"description=Folder of audit.log\\, network_access.log and metrics.json; of this node alone. Default: egress in the data directory."`
	Retention   EgressRetention   `yaml:"retention,omitempty" jsonschema:"description=How long decisions are kept."`
	Inbound     []EgressInbound   `yaml:"inbound,omitempty" jsonschema:"description=Doors in front of programs here that serve WebSockets. Who comes in is judged by websockets.inbound of the policy."`
	DNS         *EgressDNS        `yaml:"dns,omitempty" jsonschema:"description=The name server\\, which judges each name before anybody is asked for it. Absent: off."`
	Transparent EgressTransparent `yaml:"transparent,omitempty" jsonschema:"description=The door for programs that know of no proxy."`
	Limits      EgressLimits      `yaml:"limits,omitempty" jsonschema:"description=What the gateway spends at most."`
	Own         OwnSecrets        `yaml:"own_secrets,omitempty" jsonschema:"description=Secrets of this machine that are known wherever they are sent\\, also in parts of twelve characters\\, whatever they look like. Keyed hashes of their pieces are kept\\, in memory only."`
	TLS         EgressTLS         `yaml:"tls,omitempty" jsonschema:"description=How origins prove who they are where TLS is looked into."`
}

// OwnSecrets say which of this machine's secrets are looked for in what leaves.
type OwnSecrets struct {
	Env   *bool    `yaml:"env,omitempty" jsonschema:"description=Variables of the server whose name or value tells that they are secret. Default true."`
	Names []string `yaml:"names,omitempty" jsonschema:"description=Variables of the server that are secret whatever they are called."`
	Files []string `yaml:"files,omitempty" jsonschema:"description=.env files\\, private keys\\, tokens; read again when they change. One that cannot be read at the start is an error."`
}

// AllEnv says whether the environment is learned by itself.
func (o OwnSecrets) AllEnv() bool { return o.Env == nil || *o.Env }

// EgressRetention is how long decisions are kept, in files and in the store.
type EgressRetention struct {
	Days *int `yaml:"days,omitempty" jsonschema:"minimum=0,description=Decisions\\, in audit.log and in the database; 0: for ever. Default 90."`
	Size *int `yaml:"size_mb,omitempty" jsonschema:"minimum=0,description=All files of audit.log together\\, in megabytes; 0: any size. Default 10240."`
}

// EgressTLS is how origins prove who they are where TLS is looked into.
type EgressTLS struct {
	CAFile string `yaml:"ca_file,omitempty" jsonschema:"description=Certificates in PEM of authorities that sign for origins\\, besides the system's: a company's own\\, for example."`
}

// EgressLimits are what the gateway spends at most; zero is its default.
type EgressLimits struct {
	Clients int `yaml:"clients,omitempty" jsonschema:"minimum=0,description=Connections of clients at a time. Default 10000."`
	Dial    int `yaml:"dial_seconds,omitempty" jsonschema:"minimum=0,description=How long all attempts to connect may take together. Default 10."`
	Idle    int `yaml:"idle_seconds,omitempty" jsonschema:"minimum=0,description=How long a client may wait with its next request. Default 120."`
}

// The defaults of the egress section.
const (
	DefaultEgressListen = "127.0.0.1:8421"
	DefaultEgressDays   = 90
	DefaultEgressSize   = 10 << 10 // megabytes
	maxEgressSize       = 1 << 30
)

// Keep is how long decisions are kept; 0: for ever.
func (r EgressRetention) Keep() time.Duration { return Keep(r.Days, DefaultEgressDays) }

// Bytes is how large the files may be together; 0: any size.
func (r EgressRetention) Bytes() int64 {
	size := DefaultEgressSize
	if r.Size != nil {
		size = *r.Size
	}
	return int64(size) << 20
}

// fillEgress gives the section what it leaves out.
func (c *Config) fillEgress() {
	if c.Egress == nil {
		return
	}
	own := *c.Egress
	if own.Listen == "" {
		own.Listen = DefaultEgressListen
	}
	if own.LogDir == "" {
		own.LogDir = filepath.Join(c.Data.Dir, "egress")
	}
	if own.Policy == "" {
		own.Policy = filepath.Join(c.Data.Dir, "egress", "policy.yaml")
	}
	own.DNS = own.DNS.filled()
	c.Egress = &own
}

func (c *Config) checkEgress() error {
	e := c.Egress
	var errs []error
	if err := checkAddress(e.Listen); err != nil {
		errs = append(errs, fmt.Errorf("egress.listen: %w", err))
	}
	for _, n := range []struct {
		key   string
		value *int
		most  int
	}{
		{"egress.retention.days", e.Retention.Days, maxRetentionDays}, {"egress.retention.size_mb", e.Retention.Size, maxEgressSize},
		{"egress.limits.clients", &e.Limits.Clients, 1 << 20}, {"egress.limits.dial_seconds", &e.Limits.Dial, 3600}, {"egress.limits.idle_seconds", &e.Limits.Idle, 24 * 3600},
	} {
		if n.value != nil && (*n.value < 0 || *n.value > n.most) {
			errs = append(errs, fmt.Errorf("%s: %d is not between 0 and %d", n.key, *n.value, n.most))
		}
	}
	return errors.Join(append(errs, e.checkDoors(), e.checkInbound())...)
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q: the port is not a number from 0 to 65535", address)
	}
	if host == "" {
		return fmt.Errorf("%q opens the gateway to every network; name an address, 0.0.0.0 if that is meant", address)
	}
	return nil
}
