package policy

import "slices"

// Decide answers a request. A nil Policy denies everything.
//
// It may be asked several times about one thing: with Host and Port before the
// name is resolved, with Address before it is dialed, with Protocol, Method and
// Path once the first bytes were read. Only a denial is final; Allow means that
// nothing of what is known so far speaks against it.
func (p *Policy) Decide(r Request) Decision {
	if p == nil {
		return refuse(ReasonNoPolicy, &r)
	}
	if p.settings.KillSwitch {
		return refuse(ReasonKillSwitch, &r)
	}
	t, ok := targetOf(&r)
	if !ok {
		return refuse(ReasonBadHost, &r)
	}
	if t.space == forbidden {
		return refuse(ReasonMetadataAddress, &r)
	}
	return p.soften(p.judge(&r, &t))
}

// soften turns what strict mode says into what the mode says.
func (p *Policy) soften(d Decision) Decision {
	leak := d.Reason == ReasonLeak || d.Reason == ReasonNotScanned || d.Reason == ReasonBlockedExtension || d.Reason == ReasonBlockedFile
	if d.Result == Deny && (p.settings.Mode == Audit || p.settings.Mode == Permissive && leak) {
		d.Result, d.Would = Allow, Deny
	}
	return d
}

// judge says what strict mode says: first of the connection, then of what is sent.
func (p *Policy) judge(r *Request, t *target) Decision {
	d := p.connection(r, t)
	if d.Result == Allow && r.Tunnel != "" && !p.carriesData(d.RuleID) {
		return refuseRule(ReasonTunnel, r, d.RuleID)
	}
	if d.Result == Allow && r.Spent != "" && r.Spent == d.RuleID {
		return overspent(r, d)
	}
	if d.Result != Allow || !p.settings.ScanLeaks {
		return d
	}
	switch {
	case p.leaks(r, d.RuleID):
		return d.but(ReasonLeak, r)
	case r.Unseen != "":
		return d.but(ReasonNotScanned, r)
	case p.blockedExtension(r):
		return d.but(ReasonBlockedExtension, r)
	case p.blockedFile(r):
		return d.but(ReasonBlockedFile, r)
	}
	return d
}

// but denies for what is sent what the rule of d would let pass.
func (d Decision) but(reason Reason, r *Request) Decision {
	denied := refuseRule(reason, r, d.RuleID)
	denied.Intercept, denied.Budget = d.Intercept, d.Budget // where it passes all the same
	return denied
}

// leaks reports whether a secret was found that the rule does not let go where it
// leads.
func (p *Policy) leaks(r *Request, ruleID string) bool {
	if len(r.Secrets) == 0 {
		return false
	}
	rule := p.allowing(ruleID)
	return rule == nil || slices.ContainsFunc(r.Secrets, func(s Secret) bool { return !rule.lets(s) })
}

// carriesData reports whether the names that a rule lets be asked for may carry data:
// it names DNS.
func (p *Policy) carriesData(ruleID string) bool {
	rule := p.allowing(ruleID)
	return rule != nil && slices.Contains(rule.Protocols, DNS)
}

// allowing is the rule of the allowlist with that id; nil when there is none.
func (p *Policy) allowing(id string) *Rule {
	i := slices.IndexFunc(p.rules, func(rule Rule) bool { return rule.ID == id && !rule.Deny })
	if i < 0 {
		return nil
	}
	return &p.rules[i]
}

// lets reports whether a secret is one of the rule's credentials.
func (r *Rule) lets(s Secret) bool {
	return slices.ContainsFunc(r.Credentials, func(c string) bool { return c == s.Rule || c == s.Fingerprint })
}

func (p *Policy) connection(r *Request, t *target) Decision {
	if d := p.closed(r, t); d.Result == Deny {
		d.Intercept = p.settings.InterceptTLS
		return d
	}
	s := p.find(r, t)
	d := p.covered(&s, r, t)
	d.Intercept = p.intercepts(&s)
	return d
}

// closed denies what no rule of the allowlist opens.
func (p *Policy) closed(r *Request, t *target) Decision {
	if reason := p.switches(t); reason != "" {
		return refuse(reason, r)
	}
	if m := p.forbids(r, t); m != nil {
		return Decision{Result: Deny, Reason: ReasonDenylist, RuleID: m.rule.ID, Detail: m.because(r)}
	}
	return Decision{}
}

// intercepts goes by the rule that covers the request, else by the one that came
// nearest: where a mode lets pass what no rule covers, its word still counts.
func (p *Policy) intercepts(s *search) bool {
	switch {
	case s.found != nil:
		return s.found.intercept
	case s.near != nil:
		return s.near.intercept
	}
	return p.settings.InterceptTLS
}

// covered answers by the rules that were found.
func (p *Policy) covered(s *search, r *Request, t *target) Decision {
	if reason := p.section(r, s.found); reason != "" {
		return refuseRule(reason, r, s.found.id())
	}
	if s.found != nil {
		return s.let(p, r, t)
	}
	if p.settings.LocalhostOnly { // switches let nothing but loopback come here
		return Decision{Result: Allow, Reason: ReasonLocalhostOnly, Detail: "emergency.localhost_only lets programs reach this machine"}
	}
	return p.unspoken(s, r, t)
}

// switches returns the reason of the switch that keeps a target out, if one does.
// This machine is what is called so: another name that leads here may lead
// elsewhere the next time.
func (p *Policy) switches(t *target) Reason {
	switch {
	case t.space == loopback && (t.local || t.literal):
		return ""
	case !p.settings.NetworkEnabled:
		return ReasonNetworkDisabled
	case p.settings.LocalhostOnly:
		return ReasonLocalhostOnly
	}
	return ""
}

// let answers for the rule that was found, unless the name led to where only a
// rule of its own may lead.
func (s *search) let(p *Policy, r *Request, t *target) Decision {
	m := s.found
	if t.space != public && s.named == nil && !(t.space == loopback && p.settings.LocalhostOnly) {
		return refuseRule(ReasonPrivateAddress, r, m.rule.ID)
	}
	return Decision{Result: Allow, Reason: ReasonRule, RuleID: m.rule.ID, Detail: m.detail, Budget: m.rule.Budget}
}

// unspoken answers when no rule covers the request.
func (p *Policy) unspoken(s *search, r *Request, t *target) Decision {
	switch {
	case p.settings.Default == Allow && t.space != public:
		return refuseRule(ReasonPrivateAddress, r, s.near.id())
	case p.settings.Default == Allow:
		return Decision{Result: Allow, Reason: ReasonDefaultPolicy, Default: true, Detail: "no rule covers it, and default_policy is allow"}
	case s.near == nil:
		d := refuse(ReasonDefaultPolicy, r)
		d.Default = true
		return d
	}
	return refuseRule(reasons[s.how], r, s.near.rule.ID)
}

// id is the rule's, or empty for no rule.
func (m *matcher) id() string {
	if m == nil {
		return ""
	}
	return m.rule.ID
}
