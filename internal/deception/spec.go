package deception

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
)

// Spec is a decky as an operator wants it. What is left out is invented, always
// the same for one name.
type Spec struct {
	Name      string // unique on its node; letters, digits, - and _
	Archetype string // one of persona.Archetypes
	Hostname  string // what it calls itself; empty: invented
	Domain    string
	Address   string // of this machine, where its services listen
	Services  []ServiceSpec
}

// ServiceSpec is one service of a decky.
type ServiceSpec struct {
	Kind   string
	Port   uint16 // 0: the kind's own
	Config service.Config
}

// MaxDeckies bounds a node's fleet, MaxServices a decky.
const (
	MaxDeckies  = 1000
	MaxServices = 32
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// check reports everything that is wrong with a spec.
func (s Spec) check(kinds []service.Kind) error {
	var errs []error
	if !nameForm.MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("name %q is not 1 to 64 letters, digits, - or _", s.Name))
	}
	if !slices.Contains(persona.Archetypes(), s.Archetype) {
		errs = append(errs, fmt.Errorf("archetype %q is not one of %s", s.Archetype, strings.Join(persona.Archetypes(), ", ")))
	}
	if _, err := netip.ParseAddr(s.Address); err != nil {
		errs = append(errs, fmt.Errorf("address %q is not an IP address of this machine", s.Address))
	}
	if len(s.Services) == 0 || len(s.Services) > MaxServices {
		errs = append(errs, fmt.Errorf("%d services, not between 1 and %d", len(s.Services), MaxServices))
	}
	ports := map[uint16]bool{}
	for i, v := range s.Services {
		k, ok := kindOf(kinds, v.Kind)
		if !ok {
			errs = append(errs, fmt.Errorf("services[%d].kind: %q is not one of %s", i, v.Kind, strings.Join(names(kinds), ", ")))
			continue
		}
		if port := v.port(k); ports[port] {
			errs = append(errs, fmt.Errorf("services[%d]: port %d is taken by an earlier service", i, port))
		} else {
			ports[port] = true
		}
	}
	return errors.Join(errs...)
}

func (v ServiceSpec) port(k service.Kind) uint16 {
	if v.Port == 0 {
		return k.Port
	}
	return v.Port
}

func kindOf(kinds []service.Kind, name string) (service.Kind, bool) {
	i := slices.IndexFunc(kinds, func(k service.Kind) bool { return k.Name == name })
	if i < 0 {
		return service.Kind{}, false
	}
	return kinds[i], true
}

func names(kinds []service.Kind) (out []string) {
	for _, k := range kinds {
		out = append(out, k.Name)
	}
	slices.Sort(out)
	return out
}

// served is what the decky's persona knows of its services.
func (s Spec) served() (all []persona.Served) {
	for _, v := range s.Services {
		all = append(all, persona.Served{Kind: v.Kind, Config: v.Config})
	}
	return all
}
