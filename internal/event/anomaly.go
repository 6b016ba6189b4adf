package event

func anomalyEntries() []Entry {
	return []Entry{{
		Name: "AnomalyDetected", Topic: "anomaly.{kind}.detected", Pattern: "anomaly.*.detected",
		Purpose: "Failed logins, attempts at privileges, paths that climb or the like are more than chance. " +
			"One cause is one episode: said when it opens, when it has doubled, and when it is over.",
		Level: High, Subject: "brute_force by 203.0.113.9",
		Example: AnomalyDetected{
			EpisodeID: exampleID, Kind: "brute_force", KeyKind: "ip", Key: "203.0.113.9", SourceIP: "203.0.113.9", User: "root",
			Count: 10, Threshold: 10, WindowSeconds: 300, Severity: "high", State: AnomalyOpened, OpenedAt: exampleTime(), OccurredAt: exampleTime(),
		},
	}, {
		Name: "AnomalyRuleChanged", Topic: "rule.{id}.changed", Pattern: "rule.*.changed",
		Purpose: "An operator added, changed, switched or removed an anomaly rule. Every node that hears it reads the rules anew.",
		Level:   Info, Subject: "vpn_guessing",
		Example: AnomalyRuleChanged{
			Rule: "vpn_guessing", Action: "update", Change: "another threshold: 5 auth_failed from one address within 10 minutes", Enabled: true, Severity: "high",
			ChangedBy: "ada", Reason: "the VPN has few users",
		},
	}}
}

func recordEntries() []Entry {
	return []Entry{{
		Name: "RecordsReceived", Topic: TopicRecordsReceived, Pattern: TopicRecordsReceived,
		Purpose: "Other programs reported failed logins, requests and the like. It is what the anomaly sensor counts; many records are one event.",
		Level:   Info, Subject: "2 records",
		Example: RecordsReceived{[]SecurityRecord{
			{ID: "sshd-58321", Kind: RecordAuthFailed, Time: exampleTime(), SourceIP: "203.0.113.9", User: "root"},
			{Kind: RecordHTTPRequest, Time: exampleTime(), SourceIP: "203.0.113.9", Attributes: map[string]string{"method": "GET", "path": "/a/..%2f..%2fetc", "status": "404"}},
		}},
	}}
}
