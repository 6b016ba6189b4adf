package policy

import "slices"

// The reasons for which a WebSocket is not let in.
const (
	ReasonInboundDisabled Reason = "inbound_disabled"        // websockets.inbound is missing or off
	ReasonOrigin          Reason = "origin_denied"           // not one of allowed_origins
	ReasonAuthentication  Reason = "authentication_required" // require_authentication
)

// Visit is a WebSocket that somebody opens to a program here.
type Visit struct {
	// Origins are the values of all its Origin fields, as they came.
	Origins []string
	// Known reports whether somebody knows who is there. It is asked when the policy
	// requires it; nil: nobody does.
	Known func() bool
	// Secrets and Unseen are of what the program would send, as in a Request.
	Secrets []Secret
	Unseen  string
}

// Admit answers a Visit by websockets.inbound: browsers send cookies along with
// WebSockets that any page opens, so that there has to be one Origin and it one of
// allowed_origins. A nil Policy lets nobody in. The mode has the last word, as in
// Decide.
func (p *Policy) Admit(v Visit) Decision {
	if p == nil {
		return Decision{Result: Deny, Reason: ReasonNoPolicy, Detail: "there is no policy"}
	}
	if p.settings.KillSwitch {
		return Decision{Result: Deny, Reason: ReasonKillSwitch, Detail: "emergency.kill_switch is on"}
	}
	if reason, detail := p.settings.Inbound.keepsOut(v); reason != "" {
		return p.soften(Decision{Result: Deny, Reason: reason, Detail: detail})
	}
	switch {
	case p.settings.ScanLeaks && len(v.Secrets) > 0:
		return p.soften(Decision{Result: Deny, Reason: ReasonLeak, Detail: "a secret was found in what the program would send"})
	case p.settings.ScanLeaks && v.Unseen != "":
		return p.soften(Decision{Result: Deny, Reason: ReasonNotScanned, Detail: "what the program would send could not be looked at for secrets"})
	}
	return Decision{Result: Allow, Reason: ReasonRule, Detail: "websockets.inbound lets the origin in"}
}

// keepsOut says why a visit is not let in; empty when it is.
func (in Inbound) keepsOut(v Visit) (Reason, string) {
	switch {
	case !in.Enabled:
		return ReasonInboundDisabled, "websockets.inbound is not enabled"
	case len(v.Origins) != 1 || !in.allows(v.Origins[0]):
		return ReasonOrigin, "the origin is not one of websockets.inbound.allowed_origins"
	case in.RequireAuth && (v.Known == nil || !v.Known()):
		return ReasonAuthentication, "websockets.inbound.require_authentication: nobody is logged in"
	}
	return "", ""
}

func (in Inbound) allows(origin string) bool {
	normal, err := NormalOrigin(origin)
	return err == nil && slices.Contains(in.AllowedOrigins, normal)
}
