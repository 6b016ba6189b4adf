package deception

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

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
	Rotate    []ServiceSpec `json:",omitempty"` // each is there in about half of the generations

	MutateEvery time.Duration `json:",omitempty"` // about; 0: when somebody says so only
	Generation  int           `json:"-"`          // how often it has mutated; kept beside what is wanted
}

// ServiceSpec is one service of a decky.
type ServiceSpec struct {
	Kind   string
	Port   uint16 // 0: the kind's own
	Config service.Config
}

// MinMutateEvery is the shortest MutateEvery: clients have time to end what they do.
const MinMutateEvery = 10 * time.Minute

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
	if n := len(s.Services) + len(s.Rotate); len(s.Services) == 0 || n > MaxServices {
		errs = append(errs, fmt.Errorf("%d services, not between 1 and %d, one of which is always there", n, MaxServices))
	}
	if s.MutateEvery != 0 && s.MutateEvery < MinMutateEvery {
		errs = append(errs, fmt.Errorf("mutating every %s is more often than every %s", s.MutateEvery, MinMutateEvery))
	}
	ports := map[uint16]bool{}
	return errors.Join(append(errs, checkServices("services", s.Services, kinds, ports), checkServices("rotate", s.Rotate, kinds, ports))...)
}

// checkServices reports what is wrong with one of the lists of a spec; ports are those
// that are taken.
func checkServices(list string, all []ServiceSpec, kinds []service.Kind, ports map[uint16]bool) error {
	var errs []error
	for i, v := range all {
		k, ok := kindOf(kinds, v.Kind)
		if !ok {
			errs = append(errs, fmt.Errorf("%s[%d].kind: %q is not one of %s", list, i, v.Kind, strings.Join(names(kinds), ", ")))
			continue
		}
		port := v.port(k)
		if port != 0 && ports[port] {
			errs = append(errs, fmt.Errorf("%s[%d]: port %d is taken by an earlier service", list, i, port))
		}
		ports[port] = true
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

// whole is a spec with all services that any of its generations has.
func (s Spec) whole() Spec {
	s.Services, s.Rotate = slices.Concat(s.Services, s.Rotate), nil
	return s
}

// shown is a spec as this generation shows it: with those services of Rotate that are
// there now, and nothing about others.
func (s Spec) shown(seed [persona.SeedSize]byte) Spec {
	if len(s.Rotate) == 0 {
		return s
	}
	r := persona.Draw(s.Name, s.Generation, seed, "rotation")
	services := slices.Clone(s.Services)
	for _, v := range s.Rotate {
		if r.IntN(2) == 0 {
			services = append(services, v)
		}
	}
	s.Services, s.Rotate = services, nil
	return s
}

// sameHost reports whether two specs are one host: when it mutates is no part of it.
func sameHost(a, b Spec) bool {
	a.MutateEvery, b.MutateEvery = 0, 0
	return reflect.DeepEqual(a, b)
}

// mutated reports whether a spec is another generation of what is there otherwise.
func mutated(old, now Spec) bool {
	generation := now.Generation
	now.Generation = old.Generation
	return old.Generation != generation && sameHost(old, now)
}

// served is what the decky's persona knows of its services.
func (s Spec) served() (all []persona.Served) {
	for _, v := range s.Services {
		all = append(all, persona.Served{Kind: v.Kind, Config: v.Config})
	}
	return all
}
