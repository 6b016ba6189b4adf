package api

import "time"

// EgressEndpoint is a host and port that a program asked for. Its texts are as
// the client named things.
type EgressEndpoint struct {
	ID           string     `json:"id" doc:"UUIDv7: that of the first decision about it."`
	Node         string     `json:"node" doc:"The node whose gateway was asked."`
	State        string     `json:"state" enum:"new,reviewed" doc:"new: it waits for review."`
	Program      string     `json:"program" doc:"Executable that asked; empty: not known."`
	Host         string     `json:"host" doc:"As clients named it."`
	Port         uint16     `json:"port" doc:"Of TCP or UDP."`
	Address      string     `json:"address" doc:"Dialed or judged the first time; empty: not resolved."`
	Protocol     string     `json:"protocol" doc:"As far as it was known the first time."`
	FirstSeen    time.Time  `json:"first_seen" doc:"First decision."`
	LastSeen     time.Time  `json:"last_seen" doc:"Last decision."`
	Allowed      int64      `json:"allowed" doc:"Decisions that let something out to it."`
	Denied       int64      `json:"denied" doc:"Decisions that did not."`
	BytesOut     int64      `json:"bytes_out" doc:"Sent to it, of flows that are over."`
	BytesIn      int64      `json:"bytes_in" doc:"Received from it."`
	LastDecision string     `json:"last_decision" enum:"allow,deny" doc:"The last decision."`
	LastReason   string     `json:"last_reason" example:"default_policy" doc:"Its reason, a stable word."`
	LastRule     string     `json:"last_rule" doc:"Id of the policy's rule; empty: none decided."`
	Verdict      *string    `json:"verdict" enum:"allow_once,allow_host,allow_always,deny,denylist" doc:"What the reviewer decided; null: nobody has."`
	Note         string     `json:"note" doc:"In the reviewer's words."`
	ReviewedBy   string     `json:"reviewed_by" doc:"User or API key; empty: nobody."`
	ReviewedAt   *time.Time `json:"reviewed_at" doc:"When; null: it waits."`
}

// EgressEndpointPage is one page of endpoints, first seen last first.
type EgressEndpointPage struct {
	Items      []EgressEndpoint `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string          `json:"next_cursor" doc:"Of the next page; null: there is none."`
	Waiting    int64            `json:"waiting" doc:"Endpoints that wait for review, whatever the filter."`
	Folded     int64            `json:"folded" doc:"Endpoints that waited and made way for newer ones, because the queue was full."`
}

// EgressEndpointReview is what a reviewer decides about an endpoint.
type EgressEndpointReview struct {
	Verdict string `json:"verdict" enum:"allow_once,allow_host,allow_always,deny,denylist" doc:"allow_once: this program may reach this host and port for an hour. allow_host: for good. allow_always: every program may. deny: nothing changes, it is only reviewed. denylist: nobody may, ever. All but deny write the policy and need the role admin."`
	Reason  string `json:"reason" maxLength:"2000" doc:"Why; kept with the rule as its description, with the version and in the audit log."`
}

// EgressProgram is what is known of the endpoints of a program.
type EgressProgram struct {
	Program      string    `json:"program" doc:"Executable; empty: programs that are not known."`
	Destinations int64     `json:"destinations" doc:"Hosts and ports that it asked for."`
	Waiting      int64     `json:"waiting" doc:"Of them those that wait for review."`
	Allowed      int64     `json:"allowed" doc:"Decisions that let something out."`
	Denied       int64     `json:"denied" doc:"Decisions that did not."`
	BytesOut     int64     `json:"bytes_out" doc:"Sent, of flows that are over."`
	BytesIn      int64     `json:"bytes_in" doc:"Received."`
	FirstSeen    time.Time `json:"first_seen" doc:"First decision."`
	LastSeen     time.Time `json:"last_seen" doc:"Last decision."`
}

// EgressProgramList is programs of all nodes.
type EgressProgramList struct {
	Items []EgressProgram `json:"items" nullable:"false" doc:"Those that asked last come first."`
}
