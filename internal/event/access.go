package event

func accessEntries() []Entry {
	return []Entry{{
		Name: "KeyUsed", Topic: TopicKeyUsed, Pattern: TopicKeyUsed,
		Purpose: "An API key was used from an address: said the first time, and at most once a day from then on.",
		Level:   Info, Subject: "ci from 203.0.113.9",
		Example: KeyUsed{KeyID: exampleID, Key: "ci", Role: "viewer", SourceIP: "203.0.113.9", First: true, OccurredAt: exampleTime()},
	}}
}
