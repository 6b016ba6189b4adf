package policy

import "fmt"

// kind is a kind of database that the document speaks of.
type kind struct {
	name     string
	protocol Protocol
	port     uint16
}

// kinds lists the keys of databases. Two names for one thing are what people and
// older files write.
func kinds() []kind {
	return []kind{
		{"postgresql", Postgres, 5432}, {"postgres", Postgres, 5432},
		{"mysql", MySQL, 3306}, {"mariadb", MySQL, 3306},
		{"mongodb", MongoDB, 27017}, {"redis", Redis, 6379},
		{"databricks", HTTPS, 443}, {"databricks_sql", HTTPS, 443},
	}
}

func (p *Policy) readDatabases(m *mapping) {
	for _, k := range kinds() {
		if v, ok := m.get(k.name); ok {
			p.readDatabase(v, k)
		}
	}
	m.done()
}

func (p *Policy) readDatabase(v value, k kind) {
	m := v.mapping()
	s := section{key: v.key, protocols: k.protocol.bit(), port: k.port, enabled: m.flag("enabled", true), requireTLS: m.flag("require_ssl", false), off: ReasonDatabase}
	protocols := []Protocol{k.protocol}
	if k.protocol == HTTPS {
		m.note("Databricks speaks HTTPS, which is not switched off with it: its hosts need a rule", "enabled")
	} else {
		p.sections = append(p.sections, s)
	}
	p.readHosts(m, "allowed_hosts", s.enabled, Rule{Ports: []PortRange{{k.port, k.port}}, Protocols: protocols, Description: v.key})
	p.readBlocked(m, "blocked_hosts")
	m.note("logins are not seen by this version; the database has to ask for them itself", "require_auth", "require_password")
	m.done()
}

// readHosts makes a rule of every host of a list. A port behind the host takes the
// place of the conventional one. Hosts of a section that is off are only checked.
func (p *Policy) readHosts(m *mapping, key string, enabled bool, like Rule) {
	for _, v := range m.items(key) {
		target, err := ParseTarget(v.text())
		if err != nil {
			v.wrong(err.Error(), "write a host, or HOST:PORT")
			continue
		}
		if !enabled {
			continue
		}
		rule := like
		rule.Host, rule.Line, rule.derived = target.Host, v.line, true
		if len(target.Ports) > 0 {
			rule.Ports = target.Ports
		}
		rule.ID = fmt.Sprintf("%s:%s", m.key, target.Target())
		p.rules = append(p.rules, rule)
	}
}

// readBlocked makes a rule of the denylist of every host of a list. An asterisk,
// which older files have everywhere, only says what the default says.
func (p *Policy) readBlocked(m *mapping, key string) {
	for _, v := range m.items(key) {
		text := v.text()
		if text == "*" {
			continue
		}
		target, err := ParseTarget(text)
		if err != nil {
			v.wrong(err.Error(), "write a host, or HOST:PORT")
			continue
		}
		p.rules = append(p.rules, Rule{ID: fmt.Sprintf("%s:%s", v.key, target.Target()), Host: target.Host, Ports: target.Ports, Line: v.line, Deny: true, Description: v.key, derived: true})
	}
}

func (p *Policy) readDNS(m *mapping) {
	if m == nil {
		return
	}
	s := section{key: m.key, protocols: bitDNS, port: 53, enabled: m.flag("enabled", true), off: ReasonDNS}
	p.sections = append(p.sections, s)
	p.readHosts(m, "allowed_domains", s.enabled, Rule{Ports: []PortRange{{53, 53}}, Protocols: []Protocol{DNS}, Description: "dns.allowed_domains"})
	p.readBlocked(m, "blocked_domains")
	m.note("every question to Cordon's name server is on record", "log_queries")
	m.note("which name servers are asked is said in cordon.yaml, as egress.dns.upstream", "use_system_resolver", "custom_resolvers")
	m.done()
}

func (p *Policy) readWebSockets(m *mapping) {
	if m == nil {
		return
	}
	if v, ok := m.get("default_policy"); ok && v.text() != string(Deny) {
		v.wrong("is not deny", "WebSockets need a rule like everything else: remove it")
	}
	p.readInbound(m.sub("inbound"))
	if v, ok := m.get("outbound"); ok {
		p.readOutbound(v)
	}
	m.note("the origin is judged for all endpoints alike, by websockets.inbound", "endpoints")
	m.done()
}

func (p *Policy) readInbound(m *mapping) {
	p.settings.Inbound.Enabled = m.flag("enabled", true) && m != nil
	p.settings.Inbound.RequireAuth = m.flag("require_authentication", true) && m != nil
	for _, v := range m.items("allowed_origins") {
		origin, err := NormalOrigin(v.text())
		if err != nil {
			v.wrong(err.Error(), "write scheme, host and, if it is not the scheme's, port: https://app.example.com")
			continue
		}
		p.settings.Inbound.AllowedOrigins = append(p.settings.Inbound.AllowedOrigins, origin)
	}
	m.note("every origin that is not in allowed_origins is blocked", "blocked_origins")
	m.note("connections are not counted by this version", "max_connections", "max_connections_per_ip")
	m.done()
}

func (p *Policy) readOutbound(v value) {
	m := v.mapping()
	s := section{key: v.key, protocols: bitWS | bitWSS, enabled: m.flag("enabled", true), off: ReasonWebSocket}
	p.sections = append(p.sections, s)
	protocols := []Protocol{WS, WSS}
	if items := m.items("allowed_protocols"); len(items) > 0 {
		protocols = readSocketProtocols(items)
	}
	p.readHosts(m, "allowed_hosts", s.enabled, Rule{Protocols: protocols, Description: v.key})
	p.readBlocked(m, "blocked_hosts")
	if !s.enabled {
		m.note("a WebSocket inside TLS looks like HTTPS: it passes where a rule lets HTTPS pass", "enabled")
	}
	m.done()
}

func readSocketProtocols(items []value) []Protocol {
	var protocols []Protocol
	for _, v := range items {
		p := Protocol(v.text())
		if p != WS && p != WSS {
			v.wrong("is no protocol of WebSockets", "write ws or wss")
		}
		protocols = append(protocols, p)
	}
	return protocols
}
