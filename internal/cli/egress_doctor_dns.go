package cli

import (
	"context"
	"fmt"
	"net/netip"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/egress/dns"
)

// nameFacts is what there is to know of the name server.
type nameFacts struct {
	probe error // why it does not answer; nil: it does, or was not asked
	asks  []api.EgressNameServer
}

// answering asks the name server for what it knows by itself.
func answering(ctx context.Context, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading its address: %w", err)
	}
	if a := at.Addr(); a.IsUnspecified() { // it listens everywhere, here as well
		here := netip.IPv6Loopback()
		if a.Is4() {
			here = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		at = netip.AddrPortFrom(here, at.Port())
	}
	return dns.Probe(ctx, at)
}

// names judges the name server that programs ask.
func (f facts) names() egressCheck {
	const name = "name server"
	switch {
	case f.status.Listen == "":
		return egressCheck{fine, name, "not looked at: no server runs", ""}
	case f.status.DNS == "":
		return egressCheck{fine, name, "does not run, so names that programs look up themselves are not judged", ""}
	case f.dns.probe != nil:
		return egressCheck{failed, name, f.status.DNS + " does not answer: " + f.dns.probe.Error(), "look into the log of cordon serve; another egress.dns.listen may help"}
	case f.remote:
		return egressCheck{fine, name, "listens on " + f.status.DNS + " of the server's machine", ""}
	}
	return egressCheck{fine, name, "answers on " + f.status.DNS, ""}
}

// upstream has a check for each name server that is of no use, and one when all are.
func (f facts) upstream() (all []egressCheck) {
	const name, do = "asked for names", "see whether this machine reaches it; others can be given as egress.dns.upstream"
	switch {
	case f.status.DNS == "":
		return nil
	case f.status.KillSwitch.Active:
		return []egressCheck{{fine, name, "not looked at: the kill switch is on", ""}}
	case len(f.dns.asks) == 0:
		return []egressCheck{{failed, name, "no name server is known", "give some as egress.dns.upstream"}}
	}
	answer := ""
	for _, s := range f.dns.asks {
		if s.Problem != "" {
			all = append(all, egressCheck{hollow, name, s.Address + ": " + s.Problem, do})
			continue
		}
		answer = s.Address
	}
	switch {
	case answer == "":
		all[0].Status = failed // nobody answers at all
	case len(all) == 0:
		all = []egressCheck{{fine, name, plural(len(f.dns.asks), "name server answers", "name servers answer") + ", the last at " + answer, ""}}
	}
	return all
}
