package config

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Deception is the deception sensor: the deckies of this node.
type Deception struct {
	Deckies []Decky         `yaml:"deckies,omitempty" jsonschema:"description=Deckies of this node. People may add others through the API."`
	Limits  DeceptionLimits `yaml:"limits,omitempty" jsonschema:"description=What clients of deckies cost at most."`
	Mutate  string          `yaml:"mutate_interval,omitempty" jsonschema:"description=How often deckies become another host of their kind by themselves\\, about\\, such as 168h: 10m to 8760h. Default: when somebody says so only."`
	Days    *int            `yaml:"days,omitempty" jsonschema:"minimum=0,description=How long is kept what clients did and left\\, and who they were; 0: for ever. Default 90."`
}

// Keep is how long evidence is kept; 0: for ever.
func (d Deception) Keep() time.Duration { return Keep(d.Days, DefaultDeceptionDays) }

// DefaultDeceptionDays is how long evidence is kept.
const DefaultDeceptionDays = 90

// Decky is a decoy host.
type Decky struct {
	Name      string         `yaml:"name" jsonschema:"required,description=Letters\\, digits\\, - and _; unique on this node. All that is invented for the decky follows from it: with another name it is another host."`
	Archetype string         `yaml:"archetype" jsonschema:"required,enum=database-server,enum=linux-server,enum=web-server,description=What it plays."`
	Driver    string         `yaml:"driver,omitempty" jsonschema:"enum=listener,description=How it is placed. listener: at an address of this machine. Default listener."`
	Address   string         `yaml:"address" jsonschema:"required,description=IP address of this machine where its services listen."`
	Hostname  string         `yaml:"hostname,omitempty" jsonschema:"description=What it calls itself. Default: invented."`
	Domain    string         `yaml:"domain,omitempty" jsonschema:"description=Behind the host name\\, such as corp.example. Default: none."`
	Services  []DeckyService `yaml:"services" jsonschema:"required,description=What it speaks."`
	Rotate    []DeckyService `yaml:"rotate,omitempty" jsonschema:"description=What it speaks besides in about half of its generations: which changes when it mutates."`
	Mutate    string         `yaml:"mutate_interval,omitempty" jsonschema:"description=How often it becomes another host of its kind by itself. Default: as deception.mutate_interval says."`
}

// DeckyService is one service of a decky.
type DeckyService struct {
	Kind   string         `yaml:"kind" jsonschema:"required,description=The protocol; the README of each kind tells more."`
	Port   int            `yaml:"port,omitempty" jsonschema:"minimum=1,maximum=65535,description=Default: the usual port of the protocol."`
	Config map[string]any `yaml:"config,omitempty" jsonschema:"description=Settings of the kind."`
}

// DeceptionLimits are what clients of deckies cost at most; zero is its default.
type DeceptionLimits struct {
	Clients int `yaml:"clients,omitempty" jsonschema:"minimum=0,description=Connections to all deckies together\\, at a time. Default 8192."`
	PerHost int `yaml:"clients_per_host,omitempty" jsonschema:"minimum=0,description=Connections of one address (of a /64 in IPv6)\\, at a time. Default 256."`
	Stay    int `yaml:"stay_hours,omitempty" jsonschema:"minimum=0,description=How long one connection may last. Default 12."`
}

// DeckyKinds are the kinds of services that deception.deckies takes, and
// Archetypes what a decky can play: those of the lists in the sensor, which a
// test compares.
func DeckyKinds() []string {
	return []string{"ftp", "http", "mysql", "postgres", "redis", "ssh", "telnet"}
}

// Archetypes are what a decky can play.
func Archetypes() []string { return []string{"database-server", "linux-server", "web-server"} }

// DemoDeckies are the deckies of a server without a configuration: on loopback,
// at ports that need no rights.
func DemoDeckies() []Decky {
	return []Decky{{
		Name: "demo-srv", Archetype: "linux-server", Address: "127.0.0.1",
		Services: []DeckyService{{Kind: "ssh", Port: 8422}, {Kind: "http", Port: 8423}, {Kind: "telnet", Port: 8427}, {Kind: "ftp", Port: 8428}},
	}, {
		Name: "demo-db", Archetype: "database-server", Address: "127.0.0.1",
		Services: []DeckyService{{Kind: "redis", Port: 8424}, {Kind: "postgres", Port: 8425}, {Kind: "mysql", Port: 8426}},
	}}
}

func (c *Config) checkDeception() error {
	var errs []error
	seen := map[string]bool{}
	for i, d := range c.Deception.Deckies {
		if err := d.check(seen); err != nil {
			errs = append(errs, fmt.Errorf("deception.deckies[%d] (%s): %w", i, d.Name, err))
		}
	}
	if _, err := mutateEvery(c.Deception.Mutate); err != nil {
		errs = append(errs, fmt.Errorf("deception.mutate_interval: %w", err))
	}
	if d := c.Deception.Days; d != nil && (*d < 0 || *d > maxRetentionDays) {
		errs = append(errs, fmt.Errorf("deception.days: %d is not between 0 and %d", *d, maxRetentionDays))
	}
	l := c.Deception.Limits
	for _, n := range []struct {
		key         string
		value, most int
	}{{"clients", l.Clients, 1 << 20}, {"clients_per_host", l.PerHost, 1 << 20}, {"stay_hours", l.Stay, 24 * 30}} {
		if n.value < 0 || n.value > n.most {
			errs = append(errs, fmt.Errorf("deception.limits.%s: %d is not between 0 and %d", n.key, n.value, n.most))
		}
	}
	return errors.Join(errs...)
}

func (d Decky) check(seen map[string]bool) error {
	var errs []error
	if !idForm.MatchString(d.Name) {
		errs = append(errs, fmt.Errorf("name: %q is not 1 to 64 letters, digits, - or _", d.Name))
	}
	if seen[d.Name] {
		errs = append(errs, errors.New("name: taken by an earlier decky"))
	}
	seen[d.Name] = true
	if !slices.Contains(Archetypes(), d.Archetype) {
		errs = append(errs, fmt.Errorf("archetype: %q is not one of %s", d.Archetype, strings.Join(Archetypes(), ", ")))
	}
	if d.Driver != "" && d.Driver != "listener" {
		errs = append(errs, fmt.Errorf("driver: %q is not listener", d.Driver))
	}
	if _, err := netip.ParseAddr(d.Address); err != nil {
		errs = append(errs, fmt.Errorf("address: %q is not an IP address", d.Address))
	}
	if len(d.Services) == 0 {
		errs = append(errs, errors.New("services: a decky without any is nothing"))
	}
	if _, err := mutateEvery(d.Mutate); err != nil {
		errs = append(errs, fmt.Errorf("mutate_interval: %w", err))
	}
	return errors.Join(append(errs, checkServices("services", d.Services), checkServices("rotate", d.Rotate))...)
}

func checkServices(list string, all []DeckyService) error {
	var errs []error
	for i, s := range all {
		if !slices.Contains(DeckyKinds(), s.Kind) {
			errs = append(errs, fmt.Errorf("%s[%d].kind: %q is not one of %s", list, i, s.Kind, strings.Join(DeckyKinds(), ", ")))
		}
		if s.Port < 0 || s.Port > 65535 {
			errs = append(errs, fmt.Errorf("%s[%d].port: %d is not between 1 and 65535", list, i, s.Port))
		}
	}
	return errors.Join(errs...)
}

// Bounds of mutate_interval.
const (
	minMutate = 10 * time.Minute
	maxMutate = 365 * 24 * time.Hour
)

// mutateEvery reads a mutate_interval; 0 when it is not given.
func mutateEvery(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a duration such as 168h", s)
	}
	if d < minMutate || d > maxMutate {
		return 0, fmt.Errorf("%s is not between %s and %s", d, minMutate, maxMutate)
	}
	return d, nil
}

// MutateEvery is how often deckies mutate that say nothing about it; 0: when somebody
// says so only. The configuration was checked.
func (d Deception) MutateEvery() time.Duration {
	every, _ := mutateEvery(d.Mutate)
	return every
}

// MutateEvery is how often the decky mutates; 0: as the sensor says.
func (d Decky) MutateEvery() time.Duration {
	every, _ := mutateEvery(d.Mutate)
	return every
}
