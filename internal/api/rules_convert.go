package api

import (
	"unicode/utf8"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/rules"
)

func rule(r rules.Rule, hits int64) Rule {
	return Rule{
		ID: r.ID, Description: r.Description, Provider: r.Provider, Family: r.Family, Tags: append([]string{}, r.Tags...),
		SecretType: r.SecretType, Severity: r.Severity.String(), Confidence: r.Confidence, Active: r.Active, Generic: r.Generic,
		Origin: string(r.Origin), From: r.From, Changed: r.Changed, Held: r.Held, Problem: r.Problem, Slow: r.Slow, Hits: hits,
		UpdatedAt: utcOrNull(r.UpdatedAt), UpdatedBy: orNull(r.UpdatedBy),
	}
}

func ruleDetail(d rules.Detail) RuleDetail {
	return RuleDetail{
		Rule: rule(d.Rule, d.Hits), Regex: d.Regex, SecretGroup: d.SecretGroup, Keywords: append([]string{}, d.Keywords...),
		Entropy: d.Entropy, Validator: d.Validator, Revoker: d.Revoker, Recommendation: d.Recommendation,
		Positives: len(d.Positives), Negatives: len(d.Negatives), Allowlist: RuleAllowlist(d.Allowlist), History: convert(d.History, ruleChange),
	}
}

func ruleChange(h rules.History) RuleChange {
	return RuleChange{
		Timestamp: utc(h.Timestamp), Action: h.Action, OldRegex: h.OldRegex, NewRegex: h.NewRegex, Confidence: h.Confidence,
		Status: h.Status, SubmittedBy: h.SubmittedBy, ApprovedBy: orNull(h.ApprovedBy), DecisionReason: h.DecisionReason,
	}
}

func ruleTest(text string, found []detect.Finding, report detect.Report) RuleTest {
	return RuleTest{
		Findings: convert(found, func(f detect.Finding) RuleTestFinding {
			return RuleTestFinding{
				Rule: f.Rule.ID, SecretType: f.Rule.SecretType, Severity: f.Severity.String(), Confidence: f.Confidence,
				Offset: f.Start, Length: f.End - f.Start, Start: units(text[:f.Start]), End: units(text[:f.End]),
				Line: f.Line, Column: f.Column, Redacted: f.Redacted, Decoders: append([]string{}, f.Decoders...),
			}
		}),
		NotScanned: convert(report.NotScanned, func(n detect.NotScanned) RuleTestSkipped {
			return RuleTestSkipped{Offset: n.Start, Length: n.End - n.Start, Reason: string(n.Reason)}
		}),
	}
}

// units counts UTF-16 units: characters beyond the first 65,536 take two.
func units(text string) int {
	n := utf8.RuneCountInString(text)
	for _, r := range text {
		if r > 0xffff {
			n++
		}
	}
	return n
}

func ruleImport(res rules.ImportResult, dryRun bool) RuleImport {
	out := RuleImport{Format: res.Format, DryRun: dryRun}
	counts := map[string]*int{rules.ItemAdd: &out.Added, rules.ItemUpdate: &out.Updated, rules.ItemUnchanged: &out.Unchanged, rules.ItemRefused: &out.Refused}
	out.Items = convert(res.Items, func(i rules.Item) RuleImportItem {
		*counts[i.Action]++
		return RuleImportItem{Rule: i.RuleID, Line: i.Line, Action: i.Action, Detail: i.Detail}
	})
	out.Notes = convert(res.Notes, func(n detect.ImportNote) RuleImportNote {
		return RuleImportNote{Rule: n.Rule, Line: n.Line, Reason: n.Reason}
	})
	return out
}
