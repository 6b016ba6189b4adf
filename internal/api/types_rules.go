package api

import "time"

// Rule is a detection rule as it is in force.
type Rule struct {
	ID          string     `json:"id" example:"github-pat" doc:"Unique among all rules."`
	Description string     `json:"description" doc:"What secret it finds."`
	Provider    string     `json:"provider" example:"GitHub" doc:"Whose secret it is; empty for generic rules."`
	Family      string     `json:"family" example:"github" doc:"Groups rules for people; empty: none."`
	Tags        []string   `json:"tags" nullable:"false" doc:"Free words."`
	SecretType  string     `json:"secret_type" example:"GITHUB_TOKEN" doc:"Kind of secret, as findings name it."`
	Severity    string     `json:"severity" enum:"info,low,medium,high,critical" doc:"How bad a leak is."`
	Confidence  float64    `json:"confidence" minimum:"0" maximum:"1" doc:"How likely a match is a real secret, before a validator looks at it."`
	Active      bool       `json:"active" doc:"Whether it is run."`
	Generic     bool       `json:"generic" doc:"It knows no provider's format; a rule that does wins over it."`
	Origin      string     `json:"origin" enum:"builtin,file,imported,custom" doc:"builtin: of this version. file: from leak.rules.files. imported, custom: added by operators, who may remove it."`
	From        string     `json:"from" doc:"The file it was read or imported from; empty for others."`
	Changed     bool       `json:"changed" doc:"A builtin rule, or one from a file, that operators changed."`
	Held        bool       `json:"held" doc:"The configuration disables it (leak.rules.disable); it cannot be enabled here."`
	Problem     string     `json:"problem" doc:"Why it does not work as it is stored; empty: it does."`
	Slow        bool       `json:"slow" doc:"It has no literal to look for, so it is tried everywhere and slows every scan."`
	Hits        int64      `json:"hits_7d" doc:"Its findings in the last seven days, today included (UTC)."`
	UpdatedAt   *time.Time `json:"updated_at" doc:"When operators last changed it; null: never."`
	UpdatedBy   *string    `json:"updated_by" example:"ada" doc:"Who did; null: nobody."`
}

// RuleList is all rules.
type RuleList struct {
	Items []Rule `json:"items" nullable:"false" doc:"Those of this version, of files, then imported and custom ones by id."`
}

// RuleAllowlist names what a rule lets through.
type RuleAllowlist struct {
	Regexes      []string `json:"regexes,omitempty" maxItems:"200" doc:"RE2 expressions over the secret."`
	MatchRegexes []string `json:"match_regexes,omitempty" maxItems:"200" doc:"RE2 expressions over all that the rule's regex matched."`
	LineRegexes  []string `json:"line_regexes,omitempty" maxItems:"200" doc:"RE2 expressions over the line, 256 bytes on either side."`
	Stopwords    []string `json:"stopwords,omitempty" maxItems:"2000" doc:"A secret that holds one, in any case, is let through."`
}

// RuleChange is a row of a rule's history.
type RuleChange struct {
	Timestamp      time.Time `json:"timestamp"`
	Action         string    `json:"action" enum:"add,update,remove"`
	OldRegex       *string   `json:"old_regex" doc:"Null: there was no rule."`
	NewRegex       *string   `json:"new_regex" doc:"Null: it was removed."`
	Confidence     float64   `json:"confidence" doc:"Since this change."`
	Status         string    `json:"status" enum:"approved,pending,rejected"`
	SubmittedBy    string    `json:"submitted_by" enum:"human,meta_curator,feedback_system"`
	ApprovedBy     *string   `json:"approved_by" example:"ada" doc:"Null: nobody yet."`
	DecisionReason string    `json:"decision_reason" example:"disabled: too many false alarms" doc:"What was changed, and why."`
}

// RuleDetail is a rule with all that belongs to it.
type RuleDetail struct {
	Rule
	Regex          string        `json:"regex" doc:"RE2 expression."`
	SecretGroup    int           `json:"secret_group" doc:"Number of the group that is the secret. 0: the group named secret, else the first, else the whole match."`
	Keywords       []string      `json:"keywords" nullable:"false" doc:"Literals of which a match holds one; empty: found out from the regex."`
	Entropy        float64       `json:"entropy" doc:"Least Shannon entropy of the secret in bits per character; 0: not asked."`
	Validator      string        `json:"validator" doc:"The check beyond the regex; empty: none."`
	Revoker        string        `json:"revoker" doc:"What kind of secret it is for those who can revoke it; empty: by hand."`
	Recommendation string        `json:"recommendation" doc:"What to do about a leak."`
	Positives      int           `json:"positives" doc:"Examples it is tested to find."`
	Negatives      int           `json:"negatives" doc:"Examples it is tested not to find."`
	Allowlist      RuleAllowlist `json:"allowlist" doc:"What it lets through."`
	History        []RuleChange  `json:"history" nullable:"false" doc:"Newest first; at most 100."`
}

// RuleUpdate changes a rule. Absent fields stay. Of builtin rules and those
// from files only active, severity, confidence and regex can be changed.
type RuleUpdate struct {
	Active         *bool          `json:"active,omitempty" doc:"Whether to run it."`
	Severity       *string        `json:"severity,omitempty" enum:"info,low,medium,high,critical" doc:"How bad a leak is."`
	Confidence     *float64       `json:"confidence,omitempty" minimum:"0" maximum:"1" doc:"Above 0."`
	Regex          *string        `json:"regex,omitempty" maxLength:"8192" doc:"RE2 expression. Keywords and secret_group then start anew."`
	Description    *string        `json:"description,omitempty" maxLength:"500"`
	SecretGroup    *int           `json:"secret_group,omitempty" minimum:"0" maximum:"100"`
	Keywords       *[]string      `json:"keywords,omitempty" maxItems:"128"`
	Entropy        *float64       `json:"entropy,omitempty" minimum:"0" maximum:"8"`
	SecretType     *string        `json:"secret_type,omitempty" maxLength:"64" pattern:"^[A-Z0-9_]+$"`
	Tags           *[]string      `json:"tags,omitempty" maxItems:"32"`
	Recommendation *string        `json:"recommendation,omitempty" maxLength:"1000"`
	Allowlist      *RuleAllowlist `json:"allowlist,omitempty" doc:"Replaces the whole allowlist."`
	Reset          bool           `json:"reset,omitempty" doc:"Back to how the rule is built in or written in its file, before the other fields are applied."`
	Reason         string         `json:"reason,omitempty" maxLength:"2000" example:"too many false alarms" doc:"Why; kept in the history and the audit log."`
}

// RuleDraft is a rule that is not stored.
type RuleDraft struct {
	Regex       string        `json:"regex" minLength:"1" maxLength:"8192" doc:"RE2 expression."`
	SecretGroup int           `json:"secret_group,omitempty" minimum:"0" maximum:"100" doc:"Number of the group that is the secret. 0: the group named secret, else the first, else the whole match."`
	Keywords    []string      `json:"keywords,omitempty" maxItems:"128" doc:"Literals of which a match holds one. Absent: found out from the regex."`
	Entropy     float64       `json:"entropy,omitempty" minimum:"0" maximum:"8" doc:"Least Shannon entropy of the secret in bits per character."`
	Severity    string        `json:"severity,omitempty" enum:"info,low,medium,high,critical" default:"high" doc:"How bad a leak is."`
	Confidence  float64       `json:"confidence,omitempty" minimum:"0" maximum:"1" default:"0.7" doc:"Above 0."`
	SecretType  string        `json:"secret_type,omitempty" maxLength:"64" pattern:"^[A-Z0-9_]*$" doc:"Absent: the id in upper snake case."`
	Allowlist   RuleAllowlist `json:"allowlist,omitempty" doc:"What it lets through."`
}

// RuleRequest adds a custom rule.
type RuleRequest struct {
	ID string `json:"id" minLength:"1" maxLength:"128" example:"acme-api-key" doc:"Letters, digits, dash, dot, underscore."`
	RuleDraft
	Description    string   `json:"description" maxLength:"500" doc:"What secret it finds."`
	Active         *bool    `json:"active,omitempty" doc:"Whether to run it. Absent: yes."`
	Tags           []string `json:"tags,omitempty" maxItems:"32" doc:"Free words."`
	Recommendation string   `json:"recommendation,omitempty" maxLength:"1000" doc:"What to do about a leak."`
	Positives      []string `json:"positives,omitempty" maxItems:"50" doc:"Texts it has to fire on. They are looked at and forgotten."`
	Negatives      []string `json:"negatives,omitempty" maxItems:"50" doc:"Texts it must not fire on. They are looked at and forgotten."`
	Reason         string   `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

// RuleTestRequest is a text to try rules on.
type RuleTestRequest struct {
	Text string     `json:"text" maxLength:"65536" doc:"At most 64 KiB. It is neither stored nor logged."`
	Rule *RuleDraft `json:"rule,omitempty" doc:"Try this rule alone. Absent: all rules in force."`
}

// RuleTestFinding is a secret in a text that was tried.
type RuleTestFinding struct {
	Rule       string   `json:"rule" doc:"Id of the rule; draft for a draft."`
	SecretType string   `json:"secret_type"`
	Severity   string   `json:"severity" enum:"info,low,medium,high,critical"`
	Confidence float64  `json:"confidence" doc:"The rule's, moved by its validator."`
	Offset     int64    `json:"offset" doc:"Where it begins, in bytes of UTF-8."`
	Length     int64    `json:"length" doc:"In bytes of UTF-8."`
	Start      int      `json:"start" doc:"Where it begins, in UTF-16 units, as JavaScript counts."`
	End        int      `json:"end" doc:"Where it ends, likewise."`
	Line       int      `json:"line" doc:"From 1."`
	Column     int      `json:"column" doc:"From 1, in bytes."`
	Redacted   string   `json:"redacted" example:"ghp_****9fK"`
	Decoders   []string `json:"decoders" nullable:"false" doc:"Encodings passed on the way to it, outermost first."`
}

// RuleTestSkipped is a stretch of a text that was not wholly looked at.
type RuleTestSkipped struct {
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	Reason string `json:"reason"`
}

// RuleTest is what rules find in a text.
type RuleTest struct {
	Findings   []RuleTestFinding `json:"findings" nullable:"false" doc:"In the order of the text; at most 1000."`
	NotScanned []RuleTestSkipped `json:"not_scanned" nullable:"false" doc:"Not empty: the text is not clean, whatever findings says."`
}

// RuleImportRequest is a rule file to take over.
type RuleImportRequest struct {
	Name    string `json:"name,omitempty" maxLength:"255" example:".gitleaks.toml" doc:"The file's name; its ending tells the format. Absent: found out from the content."`
	Content string `json:"content" minLength:"1" maxLength:"1048576" doc:"A .gitleaks.toml, SHHH's patterns.yaml, or a rule file of Cordon."`
	DryRun  bool   `json:"dry_run,omitempty" doc:"Only say what would happen."`
	Reason  string `json:"reason,omitempty" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

// RuleImportItem is what an import does with one rule.
type RuleImportItem struct {
	Rule   string `json:"rule"`
	Line   int    `json:"line" doc:"Where it is written in the file."`
	Action string `json:"action" enum:"add,update,unchanged,refused"`
	Detail string `json:"detail" doc:"What is different, or why it is refused."`
}

// RuleImportNote is something in a file that has no effect here.
type RuleImportNote struct {
	Rule   string `json:"rule" doc:"Empty: it is about the file."`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// RuleImport is what an import did, or would do.
type RuleImport struct {
	Format    string           `json:"format" enum:"gitleaks,shhh,cordon"`
	DryRun    bool             `json:"dry_run" doc:"Nothing was changed."`
	Added     int              `json:"added"`
	Updated   int              `json:"updated"`
	Unchanged int              `json:"unchanged"`
	Refused   int              `json:"refused"`
	Items     []RuleImportItem `json:"items" nullable:"false" doc:"In the order of the file."`
	Notes     []RuleImportNote `json:"notes" nullable:"false" doc:"What of the taken rules works otherwise, or not at all."`
}

// Pattern is a rule under the names of SHHH's patterns.
type Pattern struct {
	Name       string  `json:"name" example:"github-pat" doc:"The rule's id."`
	Regex      string  `json:"regex"`
	Severity   string  `json:"severity" enum:"info,low,medium,high,critical"`
	Confidence float64 `json:"confidence"`
	Active     bool    `json:"active"`
	SecretType string  `json:"secret_type" example:"GITHUB_TOKEN"`
}

// PatternList is all rules as patterns.
type PatternList struct {
	Items []Pattern `json:"items" nullable:"false"`
}

// PatternUpdate changes a pattern; absent fields stay.
type PatternUpdate struct {
	Regex      *string  `json:"regex,omitempty" maxLength:"8192"`
	Severity   *string  `json:"severity,omitempty" maxLength:"16" example:"HIGH" doc:"In any case."`
	Confidence *float64 `json:"confidence,omitempty" minimum:"0" maximum:"1"`
	Active     *bool    `json:"active,omitempty"`
	Reason     string   `json:"reason,omitempty" maxLength:"2000"`
}

// PatternRequest adds a pattern as a custom rule.
type PatternRequest struct {
	Name       string  `json:"name" minLength:"1" maxLength:"128" example:"ACME_KEY"`
	Regex      string  `json:"regex" minLength:"1" maxLength:"8192"`
	Severity   string  `json:"severity" maxLength:"16" example:"HIGH" doc:"In any case."`
	Confidence float64 `json:"confidence" minimum:"0" maximum:"1"`
	Active     *bool   `json:"active,omitempty" doc:"Absent: yes."`
	Reason     string  `json:"reason,omitempty" maxLength:"2000"`
}
