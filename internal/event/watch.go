package event

import "time"

// EndpointFirstSeen: a program asked for a host and port for the first time. It
// waits for review.
type EndpointFirstSeen struct {
	EndpointID string    `json:"endpoint_id"`        // id of the stored endpoint
	Program    string    `json:"program,omitempty"`  // executable of the program that asked; absent when not known
	Host       string    `json:"host"`               // as the client named it
	Port       uint16    `json:"port"`               // of TCP or UDP
	Address    string    `json:"address,omitempty"`  // dialed or judged; absent when the name was not resolved
	Protocol   string    `json:"protocol,omitempty"` // as far as it is known
	Decision   string    `json:"decision"`           // what was decided that first time: allow, deny
	Rule       string    `json:"rule"`               // id of the policy's rule; empty when none decided
	Reason     string    `json:"reason"`             // a stable word, such as default_policy
	DecisionID string    `json:"decision_id"`        // id of that decision
	Flow       string    `json:"flow"`               // id of its flow
	OccurredAt time.Time `json:"occurred_at"`        // when it was decided
}

// Topic implements Payload.
func (EndpointFirstSeen) Topic() (string, error) { return TopicEndpointFirstSeen, nil }

// Schema implements Payload.
func (EndpointFirstSeen) Schema() int { return 1 }

// ThresholdExceeded: a program was denied more often than the policy's
// alerts.thresholds lets pass in silence. Said once, until it was quiet again.
type ThresholdExceeded struct {
	EpisodeID     string    `json:"episode_id"`        // id of this run of denials
	Program       string    `json:"program,omitempty"` // executable of the program; absent when not known
	Blocked       int       `json:"blocked"`           // denials within the window
	Limit         int       `json:"limit"`             // so many are let pass in silence
	WindowSeconds int       `json:"window_seconds"`    // length of the window
	Host          string    `json:"host"`              // of the last of the denials
	Port          uint16    `json:"port"`              // likewise
	Reason        string    `json:"reason"`            // likewise: a stable word, such as default_policy
	OccurredAt    time.Time `json:"occurred_at"`       // when it became too many
}

// Topic implements Payload.
func (ThresholdExceeded) Topic() (string, error) { return TopicThresholdExceeded, nil }

// Schema implements Payload.
func (ThresholdExceeded) Schema() int { return 1 }

// The measures of BaselineDeviated.
const (
	MeasureBytes    = "bytes_out"       // bytes sent in ten minutes
	MeasureRequests = "requests"        // flows let out in ten minutes
	MeasureNewHour  = "new_hour"        // bytes sent, or flows, at an hour that was always quiet
	MeasureDaily    = "bytes_out_daily" // bytes sent since midnight, UTC
)

// BaselineDeviated: a program does with a host what it did not use to.
type BaselineDeviated struct {
	Program       string    `json:"program,omitempty"` // executable of the program; absent when not known
	Host          string    `json:"host"`              // as the client named it
	Measure       string    `json:"measure"`           // bytes_out, requests, new_hour, bytes_out_daily
	Unit          string    `json:"unit"`              // of the figures: bytes, requests
	Observed      float64   `json:"observed"`          // so far in the window
	Usual         float64   `json:"usual"`             // mean of such windows before
	Spread        float64   `json:"spread"`            // their standard deviation
	Limit         float64   `json:"limit"`             // so much would have been let pass in silence
	WindowSeconds int       `json:"window_seconds"`    // length of the window
	Explanation   string    `json:"explanation"`       // all of this in one sentence
	OccurredAt    time.Time `json:"occurred_at"`       // when it became too much
}

// Topic implements Payload.
func (BaselineDeviated) Topic() (string, error) { return TopicBaselineDeviated, nil }

// Schema implements Payload.
func (BaselineDeviated) Schema() int { return 1 }

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
