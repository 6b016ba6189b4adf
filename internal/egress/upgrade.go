package egress

import "strings"

// upgrades are the protocols that clients offer to go on with, by the names that
// the record may call them; what else is offered may be any text.
var upgrades = [...]string{"websocket", "h2c", "HTTP/2.0", "TLS/1.0", "TLS/1.2", "TLS/1.3", "connect-udp", "connect-ip", "tcp", "SPDY/3.1"}

// noteUpgrade says in the record that an upgrade which was offered is not passed
// on. An origin that does not hear of it goes on in HTTP/1.1 (RFC 9110, 7.8), so
// the request is none the worse; but whoever wonders why there is no HTTP/2, or why
// a client of a container's console waits in vain, finds it here.
func (x *exchange) noteUpgrade() {
	if x.h.Upgrade == nil || x.upgrade {
		return
	}
	name := "another protocol"
	for _, known := range upgrades {
		if strings.EqualFold(string(x.h.Upgrade), known) {
			name = known
		}
	}
	x.f.remark("the offer to go on with " + name + " is not passed on")
}

// remark adds to what the record says of the decision.
func (f *flow) remark(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.decision.Detail != "" {
		text = f.decision.Detail + "; " + text
	}
	f.decision.Detail = text
}
