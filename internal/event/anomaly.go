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
	}}
}
