package rule

import (
	"fmt"
	"strings"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
)

// Words say in one sentence what is too much, without the condition: "8 different values of
// user from one address within 30 minutes".
func (r *Rule) Words() string {
	said := fmt.Sprintf("%s %s within %s", r.many(), whose(r.By), Lasting(r.Window))
	if r.Cooldown > r.Window {
		said += fmt.Sprintf("; over after %s of quiet", Lasting(r.Cooldown))
	}
	return said
}

func (r *Rule) many() string {
	switch r.Form {
	case Distinct:
		return fmt.Sprintf("%d different values of %s", r.Count, r.Of)
	case Sequence:
		var steps []string
		for _, s := range r.Steps {
			steps = append(steps, counted(s.Count, strings.Join(s.On, " or ")))
		}
		return strings.Join(steps, ", then ")
	}
	return counted(r.Count, strings.Join(r.Steps[0].On, " or "))
}

func counted(n int, what string) string { return fmt.Sprintf("%d %s", n, what) }

func whose(k guard.KeyKind) string {
	switch k {
	case guard.BySubnet:
		return "from one network"
	case guard.ByUser:
		return "about one user"
	}
	return "from one address"
}

// Lasting is a duration in words: "90 seconds", "1 hour", "10 minutes".
func Lasting(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := d / unit.length
		switch {
		case n == 0 || d%unit.length != 0:
		case n == 1:
			return "1 " + unit.name
		default:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}
