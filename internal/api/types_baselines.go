package api

import "time"

// EgressBaseline is what is usual for a program and a host. Its texts are as the client
// named things; hours and days are of UTC.
type EgressBaseline struct {
	Node       string            `json:"node" doc:"The node that learned it."`
	Program    string            `json:"program" doc:"Executable; empty: not known."`
	Host       string            `json:"host" doc:"As the client named it."`
	Since      time.Time         `json:"since" doc:"When it began to be learned."`
	Until      time.Time         `json:"until" doc:"Up to here it was learned."`
	Speaks     bool              `json:"speaks" doc:"Whether deviations are told yet."`
	SpeaksFrom time.Time         `json:"speaks_from" doc:"From when on they are."`
	Hours      []EgressUsualHour `json:"hours" nullable:"false" minItems:"24" maxItems:"24" doc:"By hour of the day."`
	Days       []EgressDaySum    `json:"days" nullable:"false" doc:"Bytes sent in the last days that are over, the oldest first; 14 at most."`
	Today      float64           `json:"today" doc:"Bytes sent on the day of until, so far."`
	DayLimit   float64           `json:"day_limit" doc:"More bytes than this in a day are told of."`
	Told       []EgressTelling   `json:"told" nullable:"false" doc:"When each measure was last told of. The events egress.baseline.deviated say what."`
}

// EgressUsualHour is what is usual in ten minutes of an hour of the day.
type EgressUsualHour struct {
	Bytes    EgressUsual `json:"bytes" doc:"Sent, in bytes."`
	Requests EgressUsual `json:"requests" doc:"Requests and tunnels."`
}

// EgressUsual is a usual figure.
type EgressUsual struct {
	Mean   float64 `json:"mean" doc:"Weighted: what is longer ago counts less."`
	Spread float64 `json:"spread" doc:"Standard deviation."`
	Limit  float64 `json:"limit" doc:"More than this is told of, on the day of the week of until."`
}

// EgressDaySum is what was sent on a day.
type EgressDaySum struct {
	Day   string  `json:"day" example:"2026-03-14" doc:"Of UTC."`
	Bytes float64 `json:"bytes" doc:"Sent."`
}

// EgressTelling is when a measure was last told of.
type EgressTelling struct {
	Measure string    `json:"measure" enum:"bytes_out,requests,new_hour,bytes_out_daily" doc:"What was unusual."`
	At      time.Time `json:"at" doc:"Within the ten minutes from then."`
}

// EgressBaselineList is baselines of all nodes.
type EgressBaselineList struct {
	Items      []EgressBaseline `json:"items" nullable:"false" doc:"Those that changed last come first."`
	Unreadable int              `json:"unreadable" doc:"Stored baselines that cannot be read, and are learned anew."`
}
