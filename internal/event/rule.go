package event

import "strings"

// RuleApproved: a detection rule was added, changed or removed, and holds now.
type RuleApproved struct {
	Rule        string  `json:"rule"`             // id of the detection rule
	Action      string  `json:"action"`           // add, update, remove
	Change      string  `json:"change"`           // what is different now, for people
	Active      bool    `json:"active"`           // whether it is run now
	Severity    string  `json:"rule_severity"`    // of its findings: info, low, medium, high, critical
	Confidence  float64 `json:"confidence"`       // of its findings, 0..1
	SubmittedBy string  `json:"submitted_by"`     // human, meta_curator, feedback_system
	ApprovedBy  string  `json:"approved_by"`      // user or API key that decided
	Reason      string  `json:"reason,omitempty"` // in their words
}

// Topic implements Payload. The id of an imported rule may hold dots, which
// would be separators there: in the topic they are dashes.
func (p RuleApproved) Topic() (string, error) {
	return build("rule", strings.ReplaceAll(p.Rule, ".", "-"), "approved")
}

// Schema implements Payload.
func (RuleApproved) Schema() int { return 1 }

func ruleEntries() []Entry {
	return []Entry{{
		Name: "RuleApproved", Topic: "rule.{id}.approved", Pattern: "rule.*.approved",
		Purpose: "A detection rule was added, changed or removed. Every node that hears it reads the rules anew.",
		Level:   Info, Subject: "github-pat",
		Example: RuleApproved{
			Rule: "github-pat", Action: "update", Change: "severity high -> critical", Active: true, Severity: "critical", Confidence: 0.92,
			SubmittedBy: "human", ApprovedBy: "ada", Reason: "our tokens reach production",
		},
	}}
}
