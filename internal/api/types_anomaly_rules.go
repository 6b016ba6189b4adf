package api

import "time"

// AnomalyRule is an operator's rule of the anomaly sensor.
type AnomalyRule struct {
	ID           string            `json:"id" example:"vpn_guessing" doc:"Unique among all anomaly rules; the kind of its anomalies."`
	Description  string            `json:"description"`
	On           []string          `json:"on" nullable:"false" doc:"The kinds of records that count."`
	Steps        []AnomalyRuleStep `json:"steps" nullable:"false" doc:"Which records count: one step, but of a sequence. Empty: its text cannot be read."`
	By           string            `json:"by" enum:"ip,subnet,user," doc:"Whose records are counted together."`
	Form         string            `json:"form" enum:"threshold,distinct,sequence," doc:"How records are too many: so many of them, so many different values of a field, or one after another."`
	Words        string            `json:"words" example:"5 auth_failed from one address within 10 minutes" doc:"In a sentence, what is too much."`
	Count        int               `json:"count" doc:"Records, different values, or all records of a sequence."`
	Window       float64           `json:"window_seconds" doc:"Within which they are too many."`
	Cooldown     float64           `json:"cooldown_seconds" doc:"An anomaly is over when the rule was quiet for so long."`
	Severity     string            `json:"severity" enum:"low,medium,high,critical," doc:"Of its anomalies."`
	Cost         uint64            `json:"cost" doc:"The most that its conditions can cost for one record, in CEL's units."`
	Origin       string            `json:"origin" enum:"file,custom" doc:"file: of anomaly.rules in the configuration, where it is changed. custom: added by an operator."`
	From         string            `json:"from" doc:"The file; empty for others."`
	Enabled      bool              `json:"enabled" doc:"Whether it is to run."`
	Problem      string            `json:"problem" doc:"Why it does not run although it is enabled; empty: it does."`
	Opened       int64             `json:"opened" doc:"Its anomalies, as long as they are kept."`
	LastOpenedAt *time.Time        `json:"last_opened_at" doc:"When the newest of them opened; null: there is none."`
	UpdatedAt    *time.Time        `json:"updated_at" doc:"When an operator last changed it; null: never."`
	UpdatedBy    *string           `json:"updated_by" example:"ada" doc:"Who did; null: nobody."`
}

// AnomalyRuleStep is which records count.
type AnomalyRuleStep struct {
	On    []string `json:"on" nullable:"false" doc:"Kinds of records."`
	When  string   `json:"when" doc:"The condition, in CEL; empty: all."`
	Count int      `json:"count" doc:"So many of them, in a sequence."`
}

// AnomalyRuleList is all anomaly rules.
type AnomalyRuleList struct {
	Items   []AnomalyRule `json:"items" nullable:"false" doc:"Those of files in their order, then those that operators added by id."`
	Refused string        `json:"refused" doc:"Why the files of anomaly.rules, as they are now, are not in force; empty: they are."`
	MaxCost uint64        `json:"max_cost" doc:"What the conditions about one kind of record may cost together."`
}

// AnomalyRuleChange is a line of a rule's history.
type AnomalyRuleChange struct {
	Time    time.Time `json:"time"`
	Action  string    `json:"action" enum:"add,update,remove"`
	What    string    `json:"what" example:"switched off" doc:"What is different since."`
	OldText *string   `json:"old_text" doc:"Null: there was no rule, or it is that of a file."`
	NewText *string   `json:"new_text" doc:"Null: it was removed, or it is that of a file."`
	Who     string    `json:"who" example:"ada"`
	Reason  string    `json:"reason" doc:"In their words."`
}

// AnomalyRuleDetail is an anomaly rule with all that belongs to it.
type AnomalyRuleDetail struct {
	AnomalyRule
	Text    string              `json:"text" doc:"YAML, as POST takes it; of a rule of a file without the file's comments."`
	History []AnomalyRuleChange `json:"history" nullable:"false" doc:"Newest first; at most 100."`
}

// AnomalyRuleRequest adds an anomaly rule.
type AnomalyRuleRequest struct {
	Text    string `json:"text" maxLength:"16384" example:"id: vpn_guessing\non: [auth_failed]\nthreshold: 5" doc:"One rule in YAML, as it stands in a file below its dash."`
	Enabled *bool  `json:"enabled,omitempty" doc:"Whether it runs. Absent: yes."`
	Reason  string `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

// AnomalyRuleUpdate changes an anomaly rule; absent fields stay. Of a rule of a file only
// enabled can be changed.
type AnomalyRuleUpdate struct {
	Text    *string `json:"text,omitempty" maxLength:"16384" doc:"The rule in YAML; its id stays."`
	Enabled *bool   `json:"enabled,omitempty" doc:"Whether it runs."`
	Reason  string  `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

// AnomalyTryRequest is a draft of an anomaly rule and what it is tried on: records, or
// what was recorded from since on.
type AnomalyTryRequest struct {
	Text    string     `json:"text" maxLength:"16384" doc:"One rule in YAML."`
	Records string     `json:"records,omitempty" maxLength:"1048576" doc:"Records as POST /api/v1/events takes them, one JSON object a line; 10,000 at most."`
	Since   *time.Time `json:"since,omitempty" doc:"Instead of records: what was recorded from then on. Seven days at most."`
	Until   *time.Time `json:"until,omitempty" doc:"Where the stretch ends. Absent: now."`
}

// AnomalyTry is what a draft would have made of records.
type AnomalyTry struct {
	Rule    string             `json:"rule" doc:"Its id."`
	From    time.Time          `json:"from" doc:"Where the stretch begins."`
	To      time.Time          `json:"to" doc:"Where what was looked at ends."`
	Records int64              `json:"records" doc:"That were looked at."`
	Cut     string             `json:"cut" enum:"records,bytes,time," doc:"Why not all of the stretch was looked at: it has too many records, they are too long, or it took too long. Empty: all of it was."`
	Cold    bool               `json:"cold" doc:"There was too much within the window before the stretch to read it all: what the first window counts may be too little."`
	Draft   AnomalyTryOutcome  `json:"draft" doc:"What the draft makes of them."`
	Now     *AnomalyTryOutcome `json:"now,omitempty" doc:"What the rule of that id makes of them as it stands; absent: there is none."`
}

// AnomalyTryOutcome is what a rule makes of records.
type AnomalyTryOutcome struct {
	Words     string              `json:"words" doc:"The rule in a sentence."`
	Runs      bool                `json:"runs" doc:"It is in force."`
	Form      string              `json:"form" enum:"threshold,distinct,sequence"`
	Threshold int                 `json:"threshold" doc:"How many are too many."`
	Window    float64             `json:"window_seconds" doc:"Within which."`
	Matched   int64               `json:"matched" doc:"Records that the rule is about."`
	Keyless   int64               `json:"keyless" doc:"Of these, those that do not say whose they are: they count for nobody."`
	Unjudged  bool                `json:"unjudged" doc:"The condition could not be answered for some record, which did not count."`
	Already   int                 `json:"already" doc:"Anomalies that were open when the stretch began. Opened and episodes leave them out."`
	Opened    int                 `json:"opened" doc:"Anomalies that would have opened."`
	Episodes  []AnomalyTryEpisode `json:"episodes" nullable:"false" doc:"The first 200 of them, in the order in which they open."`
	Bucket    float64             `json:"bucket_seconds" doc:"The length of a bucket."`
	Buckets   []AnomalyTryBucket  `json:"buckets" nullable:"false" doc:"From the begin of the stretch, one after another; those behind the last match are left out. 120 at most."`
}

// AnomalyTryEpisode is an anomaly that would have opened.
type AnomalyTryEpisode struct {
	KeyKind  string     `json:"key_kind" enum:"ip,subnet,user,global" doc:"Whose records; global: more opened within a minute than are told of one by one."`
	Key      string     `json:"key"`
	Count    int64      `json:"count" doc:"Records."`
	Grown    int        `json:"grown" doc:"How often it would have been told of again because it had doubled."`
	OpenedAt time.Time  `json:"opened_at"`
	SeenAt   time.Time  `json:"seen_at" doc:"The latest record."`
	ClosedAt *time.Time `json:"closed_at" doc:"Null: it goes on at the end of the stretch."`
	User     string     `json:"user" doc:"Whom the latest record is about; redacted."`
	SourceIP string     `json:"source_ip" doc:"Where the latest record is from."`
	Detail   string     `json:"detail" doc:"What was done, in the latest record; redacted."`
}

// AnomalyTryBucket is a part of the stretch.
type AnomalyTryBucket struct {
	At      time.Time `json:"at" doc:"Its begin."`
	Matched int64     `json:"matched" doc:"Records that the rule is about."`
	Peak    int       `json:"peak" doc:"The most that one key had within the window: records, different values, or how far it came in a sequence. What reaches the threshold opens an anomaly."`
}
