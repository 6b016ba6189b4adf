package event

func deceptionEntries() []Entry {
	return []Entry{{
		Name: "DeckyStateChanged", Topic: "decky.{id}.state", Pattern: "decky.*.state",
		Purpose: "A decky was opened or stopped, or a port of it cannot be had.",
		Level:   Medium, Subject: "web-1",
		Example: DeckyStateChanged{
			DeckyID: "web-1", Node: "node-1", Archetype: "web-server", Hostname: "portal07", Address: "192.0.2.10", Services: []string{"ssh:22", "redis:6379"},
			State: "degraded", Detail: "ssh: the port is in use by another program", OccurredAt: exampleTime(),
		},
	}}
}
