package event

func incidentEntries() []Entry {
	opened := Incident{
		IncidentID: exampleID, Title: "GITHUB_TOKEN in chat", State: "triggered", Sensors: []string{"leak"}, Observations: 1,
		KeyKind: "secret", Key: exampleFingerprint, Fingerprint: exampleFingerprint, Rule: "github-pat", Redacted: "ghp_********", OpenedAt: exampleTime(), OccurredAt: exampleTime(), Change: "opened",
	}
	joined, closed := opened, opened
	joined.Title, joined.Join, joined.Sensors, joined.Observations = "Leaked secret in use: GITHUB_TOKEN", "leaked_secret_in_use", []string{"egress", "leak"}, 2
	joined.SourceIP, joined.Program, joined.Change = "127.0.0.1", "/usr/bin/python3", "egress saw it, too"
	closed.State, closed.Change, closed.ChangedBy = "resolved", "resolved: revoked at 14:40", "ada"
	late := joined
	late.Change = "nobody acknowledged it within 15m0s: oncall is told"
	escalated := IncidentEscalated{Incident: late, Webhook: "soc", To: "oncall", Step: 1, AfterSeconds: 900}
	return []Entry{{
		Name: "IncidentOpened", Topic: "incident.{id}.opened", Pattern: "incident.*.opened",
		Purpose: "Something was seen that people should look into. One secret, one address, one host, two nodes that bypass a gossip gateway have one incident, however often and wherever it is seen.",
		Level:   Critical, Subject: opened.Title, Example: IncidentOpened{opened},
	}, {
		Name: "IncidentUpdated", Topic: "incident.{id}.updated", Pattern: "incident.*.updated",
		Purpose: "An incident became worse, another sensor saw it, it came back, was merged with another, or somebody took it on. Mere repeats are said at 2, 4, 8 and so on.",
		Level:   Critical, Subject: joined.Title, Example: IncidentUpdated{joined},
	}, {
		Name: "IncidentEscalated", Topic: "incident.{id}.escalated", Pattern: "incident.*.escalated",
		Purpose: "Nobody has acknowledged an incident in time; the webhook that is named in `to` is told, whatever else it wants to hear.",
		Level:   Critical, Subject: joined.Title, Example: escalated,
	}, {
		Name: "IncidentClosed", Topic: "incident.{id}.closed", Pattern: "incident.*.closed",
		Purpose: "An incident was resolved, or is ignored for a reason.",
		Level:   Critical, Subject: closed.Title, Example: IncidentClosed{closed},
	}}
}
