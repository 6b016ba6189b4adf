package capture

import (
	"net/netip"

	"go.cordon.dev/cordon/internal/event"
)

// attackerID is the id of the attacker with an address; empty for what is none.
func attackerID(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	return event.AttackerID(a)
}
