package event

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
