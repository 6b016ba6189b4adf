package ssh

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/passwords"
)

// config is what an operator may set. README.md explains each key.
type config struct {
	Patch      int              `yaml:"patch"`
	Methods    []string         `yaml:"methods"`
	Accept     passwords.Accept `yaml:"accept"`
	FailDelay  time.Duration    `yaml:"fail_delay"`
	Grace      time.Duration    `yaml:"login_grace_time"`
	MaxTries   int              `yaml:"max_auth_tries"`
	MaxOpen    int              `yaml:"max_sessions"`
	Startups   string           `yaml:"max_startups"`
	Forwarding string           `yaml:"forwarding"`
	RekeyBytes uint64           `yaml:"rekey_bytes"`
}

// What forwarding may be.
const (
	prohibited  = "prohibited"  // as with AllowTcpForwarding no
	unreachable = "unreachable" // as if nobody answered where the client wants to go
)

func defaults() config {
	return config{
		Methods: []string{"publickey", "password"}, Accept: passwords.Accept{After: 3}, FailDelay: 2 * time.Second,
		Grace: 2 * time.Minute, MaxTries: 6, MaxOpen: 10, Startups: "10:30:100", Forwarding: prohibited,
	}
}

func (c *config) check() error {
	for _, m := range c.Methods {
		if !slices.Contains([]string{"publickey", "password", "keyboard-interactive"}, m) {
			return fmt.Errorf("config: methods: %q is none of publickey, password, keyboard-interactive", m)
		}
	}
	if c.Forwarding != prohibited && c.Forwarding != unreachable {
		return fmt.Errorf("config: forwarding: %q is neither %s nor %s", c.Forwarding, prohibited, unreachable)
	}
	if err := c.Accept.Check(); err != nil {
		return err
	}
	if c.Patch != 0 && (c.Patch < oldestPatch || c.Patch > newestPatch) {
		return fmt.Errorf("config: patch: %d is not between %d and %d", c.Patch, oldestPatch, newestPatch)
	}
	for name, n := range map[string]int{"max_auth_tries": c.MaxTries, "max_sessions": c.MaxOpen} {
		if n < 1 || n > 1000 {
			return fmt.Errorf("config: %s: %d is not between 1 and 1000", name, n)
		}
	}
	if c.Grace <= 0 || c.FailDelay < 0 {
		return fmt.Errorf("config: login_grace_time and fail_delay: want a time such as 2m or 2s")
	}
	return nil
}

// startups is how many clients may be logging in at once: from begin on each
// further one is turned away with a probability of rate percent, which grows
// until from full on nobody is let in.
type startups struct{ begin, rate, full int }

func parseStartups(s string) (out startups, err error) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return out, fmt.Errorf("config: max_startups: %q is not START:RATE:FULL", s)
	}
	for i, into := range []*int{&out.begin, &out.rate, &out.full} {
		if *into, err = strconv.Atoi(parts[i]); err != nil {
			return out, fmt.Errorf("config: max_startups: %q is not a number", parts[i])
		}
	}
	if out.begin < 1 || out.begin > out.full || out.rate < 1 || out.rate > 100 {
		return out, fmt.Errorf("config: max_startups: %q: want 1 <= START <= FULL and a RATE from 1 to 100", s)
	}
	return out, nil
}

// drops reports whether one more is turned away while n log in; draw returns a
// number below its argument.
func (s startups) drops(n int, draw func(int) int) bool {
	switch {
	case n < s.begin:
		return false
	case n >= s.full || s.rate == 100:
		return true
	}
	return draw(100) < (100-s.rate)*(n-s.begin)/(s.full-s.begin)+s.rate
}
