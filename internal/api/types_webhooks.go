package api

import "time"

// Webhook is a subscription of another system. It shows neither the whole
// address nor the secret.
type Webhook struct {
	ID             string          `json:"id" example:"soc" doc:"Its name, chosen by whoever made it."`
	Host           string          `json:"host" example:"hooks.example.com" doc:"Host of the address; the rest may be a credential and is never shown."`
	Format         string          `json:"format" example:"slack" doc:"How events are written: generic, slack, discord, teams, pagerduty, email, syslog, cef or template."`
	Topics         []string        `json:"topics" nullable:"false" example:"[\"leak.message.*\"]" doc:"Patterns of topics, those of presets included."`
	Presets        []string        `json:"presets" nullable:"false" example:"[\"Leaks\"]" doc:"The presets whose patterns are all among the topics."`
	MinSeverity    string          `json:"min_severity" enum:"info,low,medium,high,critical" doc:"The mildest severity that is sent."`
	MinConfidence  float64         `json:"min_confidence" minimum:"0" maximum:"1" doc:"Of events that state a confidence, those at least so sure are sent."`
	Rules          []string        `json:"rules" nullable:"false" doc:"Of events that name a rule, only these are sent; empty: all."`
	Sources        []string        `json:"sources" nullable:"false" doc:"Of events that name a leak source, only these are sent; empty: all."`
	AllowPrivate   bool            `json:"allow_private" doc:"The address may lead to a loopback or private one."`
	Template       string          `json:"template" example:"{{severity}}: {{title}}" doc:"The body, of the format template; empty: the format's own."`
	Digest         string          `json:"digest" example:"15m0s" doc:"What happens for so long is told in one message; empty: each event by itself."`
	Quiet          []string        `json:"quiet" nullable:"false" example:"[\"22:00-07:00\"]" doc:"Times in which nothing is told; one message tells of it afterwards."`
	Timezone       string          `json:"timezone" example:"Europe/Berlin" doc:"Of quiet; empty: UTC."`
	Urgent         string          `json:"urgent" enum:"info,low,medium,high,critical" doc:"From this severity on an event is told by itself and at once, whatever the hour."`
	Escalate       []WebhookStep   `json:"escalate" nullable:"false" doc:"Who is told of incidents that this webhook was told of and nobody has acknowledged in time."`
	Managed        bool            `json:"managed" doc:"It comes from the configuration file: edit it there. Enabling, testing and redelivering work here, too."`
	Signed         bool            `json:"signed" doc:"Deliveries carry a signature (Standard Webhooks), or the receiver's key."`
	State          string          `json:"state" enum:"active,paused,tripped" doc:"paused: a person stopped it. tripped: five failures in a row did; its deliveries queue until it is enabled."`
	Failures       int             `json:"failures" doc:"Failures in a row."`
	AutoDisabledAt *time.Time      `json:"auto_disabled_at" doc:"When it tripped; null: it has not."`
	Pending        int             `json:"pending" doc:"Deliveries that wait."`
	Dead           int             `json:"dead" doc:"Dead letters: deliveries that were given up and can be sent again."`
	Last           *WebhookAttempt `json:"last" doc:"The last attempt since the server started; null: none."`
}

// WebhookStep is who is told of an incident that nobody has acknowledged in time.
type WebhookStep struct {
	After string `json:"after" maxLength:"16" example:"15m" doc:"How long after the webhook was told: 1m to 168h. Each step comes later than the one before."`
	To    string `json:"to" maxLength:"64" example:"oncall" doc:"The id of the webhook that is told, whatever else it wants to hear; it may be the same one."`
}

// WebhookAttempt is how one attempt to deliver ended.
type WebhookAttempt struct {
	At     time.Time `json:"at"`
	OK     bool      `json:"ok"`
	Status int       `json:"status" example:"204" doc:"HTTP status, or that of SMTP; 0: no answer."`
	Error  string    `json:"error" doc:"What went wrong and what to do; empty when it went well."`
}

// WebhookList is all webhooks.
type WebhookList struct {
	Items   []Webhook       `json:"items" nullable:"false" doc:"By id."`
	Presets []WebhookPreset `json:"presets" nullable:"false" doc:"The names that stand for lists of topics."`
	Formats []WebhookFormat `json:"formats" nullable:"false" doc:"The formats there are."`
}

// WebhookPreset is a name for a list of topics.
type WebhookPreset struct {
	Name     string   `json:"name" example:"Leaks"`
	Purpose  string   `json:"purpose"`
	Patterns []string `json:"patterns" nullable:"false"`
}

// WebhookFormat is a way to write events.
type WebhookFormat struct {
	Name  string `json:"name" example:"pagerduty"`
	Keyed bool   `json:"keyed" doc:"It takes the receiver's own key as its secret, and does not sign."`
}

// WebhookSettings is what may be said of a webhook besides its address and
// secret.
type WebhookSettings struct {
	Format        string        `json:"format,omitempty" maxLength:"64" example:"slack" doc:"generic, slack, discord, teams, pagerduty, email, syslog, cef or template. Absent: generic."`
	Presets       []string      `json:"presets,omitempty" maxItems:"16" example:"[\"Leaks\"]" doc:"Names that stand for lists of topics: Leaks, AttackerDetail, DeckyStatus, SystemStatus, EgressAlerts, Incidents, Anomalies."`
	Topics        []string      `json:"topics,omitempty" maxItems:"64" example:"[\"leak.message.*\"]" doc:"Patterns of topics: * is one token, > one or more at the end. Presets or topics are needed."`
	MinSeverity   string        `json:"min_severity,omitempty" enum:"info,low,medium,high,critical" doc:"Absent: info, all."`
	MinConfidence float64       `json:"min_confidence,omitempty" minimum:"0" maximum:"1" doc:"Absent: 0, all."`
	Rules         []string      `json:"rules,omitempty" maxItems:"64" doc:"Ids of rules. Absent: all."`
	Sources       []string      `json:"sources,omitempty" maxItems:"64" doc:"Ids of leak sources. Absent: all."`
	AllowPrivate  bool          `json:"allow_private,omitempty" doc:"The address may lead to a loopback or private one."`
	Template      string        `json:"template,omitempty" maxLength:"8192" example:"{{severity}}: {{title}}" doc:"Of the format template: the body, with placeholders."`
	Digest        string        `json:"digest,omitempty" maxLength:"16" example:"15m" doc:"Collect what happens for so long, 1m to 24h, and tell it in one message. Absent: each event by itself."`
	Quiet         []string      `json:"quiet,omitempty" maxItems:"16" example:"[\"mon-fri 22:00-07:00\"]" doc:"Times in which nothing is told; one message tells of it afterwards."`
	Timezone      string        `json:"timezone,omitempty" maxLength:"64" example:"Europe/Berlin" doc:"Of quiet. Absent: UTC."`
	Urgent        string        `json:"urgent,omitempty" enum:"info,low,medium,high,critical" doc:"From this severity on an event is told by itself and at once, whatever the hour. Absent: critical."`
	Escalate      []WebhookStep `json:"escalate,omitempty" maxItems:"8" doc:"Who is told of incidents that nobody has acknowledged in time. Absent: nobody."`
	Reason        string        `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the audit log."`
}

// WebhookRequest makes a webhook.
type WebhookRequest struct {
	ID     string `json:"id" maxLength:"64" example:"soc" doc:"1 to 64 letters, digits, hyphens, underscores."`
	URL    string `json:"url" maxLength:"4096" writeOnly:"true" example:"https://hooks.example.com/cordon" doc:"Where to: https://..., or what the format says, such as smtps://... It is sealed and never shown again."`
	Secret string `json:"secret,omitempty" maxLength:"256" writeOnly:"true" doc:"Signing secret: whsec_ and base64, or any text; for pagerduty the routing key, for email the password. Absent: the server makes one and shows it once."`
	WebhookSettings
}

// WebhookUpdate replaces the settings of a webhook. What is absent gets its
// default, but the address and the secret stay.
type WebhookUpdate struct {
	URL       string `json:"url,omitempty" maxLength:"4096" writeOnly:"true" doc:"A new address. Absent: it stays."`
	Secret    string `json:"secret,omitempty" maxLength:"256" writeOnly:"true" doc:"A new secret. Absent: it stays."`
	NewSecret bool   `json:"new_secret,omitempty" doc:"The server makes a new signing secret and shows it once."`
	WebhookSettings
}

// WebhookSaved is a webhook as it is stored now.
type WebhookSaved struct {
	Webhook
	Secret *string `json:"secret" doc:"The secret that the server made, shown here and never again; null: it made none."`
}

// WebhookAction says why something is done to a webhook.
type WebhookAction struct {
	Reason string `json:"reason,omitempty" maxLength:"2000" example:"the endpoint is mended" doc:"Why; kept in the audit log."`
}

// WebhookRedeliver says which dead letters are sent again, and why.
type WebhookRedeliver struct {
	From   *time.Time `json:"from,omitempty" doc:"Only of events at this time or later."`
	Until  *time.Time `json:"until,omitempty" doc:"Only of events before this time."`
	Reason string     `json:"reason,omitempty" maxLength:"2000" example:"the endpoint is mended" doc:"Why; kept in the audit log."`
}

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID            string     `json:"id" example:"msg_21d3db4927c99f3d01286ca2a1302124" doc:"The webhook-id header: the same on every attempt."`
	EventID       string     `json:"event_id" format:"uuid"`
	Topic         string     `json:"topic" example:"leak.message.quarantined"`
	Severity      string     `json:"severity" enum:"info,low,medium,high,critical"`
	Subject       string     `json:"subject" doc:"What the event is about, for people; may be empty."`
	State         string     `json:"state" enum:"pending,failed,delivered,dead,silenced" doc:"pending: not tried yet. failed: tried, and will be again. dead: given up; it can be sent again. silenced: a silence hid it; it can be sent all the same."`
	Attempts      int        `json:"attempts" doc:"Since it was queued."`
	Status        int        `json:"status" example:"503" doc:"HTTP status of the last attempt, or that of SMTP; 0: no answer, or no attempt."`
	Error         string     `json:"error" doc:"What went wrong last and what to do; may be empty."`
	QueuedAt      time.Time  `json:"queued_at" doc:"When it was queued, the last time."`
	NextAttemptAt *time.Time `json:"next_attempt_at" doc:"When it is tried next at the earliest; null when it is done."`
	DoneAt        *time.Time `json:"done_at" doc:"When it was delivered or given up; null before."`
}

// DeliveryPage is one page of a webhook's deliveries.
type DeliveryPage struct {
	Items      []Delivery `json:"items" nullable:"false" doc:"The newest event first."`
	NextCursor *string    `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// WebhookTested is how the test of a webhook went.
type WebhookTested struct {
	OK       bool     `json:"ok" doc:"Whether the endpoint accepted the test event."`
	Delivery Delivery `json:"delivery"`
}

// Redelivered is how many deliveries were queued again.
type Redelivered struct {
	Queued int `json:"queued"`
}
