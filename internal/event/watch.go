package event

func watchEntries() []Entry {
	return []Entry{{
		Name: "BaselineDeviated", Topic: TopicBaselineDeviated, Pattern: TopicBaselineDeviated,
		Purpose: "A program sends more to a host, or asks for it more often or at another hour, than it used to. Said at most once a day for each measure.",
		Level:   High, Subject: "/usr/bin/python3 to api.example.com",
		Example: BaselineDeviated{
			Program: "/usr/bin/python3", Host: "api.example.com", Measure: MeasureBytes, Unit: "bytes",
			Observed: 42e6, Usual: 1.2e6, Spread: 0.4e6, Limit: 5e6, WindowSeconds: 600,
			Explanation: "42 MB to api.example.com in 10 min; usual at this hour 1.2 MB ± 0.4 MB", OccurredAt: exampleTime(),
		},
	}, {
		Name: "EndpointFirstSeen", Topic: TopicEndpointFirstSeen, Pattern: TopicEndpointFirstSeen,
		Purpose: "A program asked for a host and port for the first time, whatever was decided. Somebody should review it.",
		Level:   Low, Subject: "paste.example:443",
		Example: EndpointFirstSeen{
			EndpointID: exampleID, Program: "/usr/bin/python3", Host: "paste.example", Port: 443, Protocol: "https", Decision: "deny",
			Reason: "default_policy", DecisionID: exampleID, Flow: "01936d2c-5f8e-7abc-9def-0123456789ac", OccurredAt: exampleTime(),
		},
	}, {
		Name: "ThresholdExceeded", Topic: TopicThresholdExceeded, Pattern: TopicThresholdExceeded,
		Purpose: "A program was denied more often than the policy's alerts.thresholds lets pass in silence. Said once, until it was quiet again.",
		Level:   Medium, Subject: "/usr/bin/python3 was denied 101 times",
		Example: ThresholdExceeded{
			EpisodeID: exampleID, Program: "/usr/bin/python3", Blocked: 101, Limit: 100, WindowSeconds: 300,
			Host: "paste.example", Port: 443, Reason: "default_policy", OccurredAt: exampleTime(),
		},
	}}
}
