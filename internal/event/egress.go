package event

func egressEntries() []Entry {
	denied := exampleConnection()
	denied.Rule, denied.Reason, denied.Detail = "", "default_policy", "no rule names paste.example"
	denied.Host, denied.Address, denied.URL = "paste.example", "", "https://paste.example/new"
	return []Entry{{
		Name: "ConnectionAllowed", Topic: TopicConnectionAllowed, Pattern: TopicConnectionAllowed,
		Purpose: "The egress gateway let something out. Said once per decision, after it was recorded.",
		Level:   Info, Subject: "api.example.com:443",
		Example: ConnectionAllowed{exampleConnection()},
	}, {
		Name: "ConnectionDenied", Topic: TopicConnectionDenied, Pattern: TopicConnectionDenied,
		Purpose: "The egress gateway kept something in.",
		Level:   Low, Subject: "paste.example:443",
		Example: ConnectionDenied{denied},
	}, {
		Name: "LeakBlocked", Topic: TopicLeakBlocked, Pattern: TopicLeakBlocked,
		Purpose: "The egress gateway kept something in because a secret was in it. Said instead of egress.connection.denied.",
		Level:   High, Subject: "paste.example:80",
		Example: LeakBlocked{exampleLeak()},
	}, {
		Name: "KillSwitchChanged", Topic: TopicKillSwitchChanged, Pattern: TopicKillSwitchChanged,
		Purpose: "The kill switch of a node was turned: everything that goes out is stopped, or goes on.",
		Level:   Critical, Subject: "kill switch on",
		Example: KillSwitchChanged{Active: true, Reason: "credentials leaked", ChangedBy: "ada", Since: exampleTime()},
	}}
}

func exampleLeak() Connection {
	c := exampleConnection()
	c.Reason, c.Detail = "leak", "a secret was found in what would be sent to paste.example:80"
	c.Host, c.Port, c.Protocol, c.URL = "paste.example", 80, "http", "http://paste.example/new"
	c.Findings = []Leak{{Rule: "github-pat", Redacted: "ghp_********", Fingerprint: exampleFingerprint}}
	c.Fingerprint = exampleFingerprint
	return c
}

func exampleConnection() Connection {
	return Connection{
		DecisionID: exampleID, Flow: "01936d2c-5f8e-7abc-9def-0123456789ac", Rule: "payments", Reason: "rule",
		Host: "api.example.com", Port: 443, Address: "203.0.113.9", Protocol: "https", Method: "POST",
		URL: "https://api.example.com/v1/charges", SourceIP: "127.0.0.1", Program: "/usr/bin/python3", PID: 4242, OccurredAt: exampleTime(),
	}
}
