package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.cordon.dev/cordon/detect"
)

// Origin says where a rule comes from.
type Origin string

// The origins.
const (
	Builtin  Origin = "builtin"  // the pack of this version
	File     Origin = "file"     // leak.rules.files of the configuration
	Imported Origin = "imported" // a rule file that an operator imported
	Custom   Origin = "custom"   // written by an operator
)

// own says whether the rule is stored as a whole.
func (o Origin) own() bool { return o == Imported || o == Custom }

// Errors matched with errors.Is.
var (
	// ErrNotFound: there is no rule of that id.
	ErrNotFound = errors.New("there is no such rule")
	// ErrExists: the id is taken.
	ErrExists = errors.New("the id is taken by another rule")
	// ErrConflict: somebody else changed the rule meanwhile.
	ErrConflict = errors.New("the rule has changed meanwhile")
	// ErrNotOwn: a builtin rule or one from a file cannot be removed.
	ErrNotOwn = errors.New("only custom and imported rules can be removed; disable this one")
	// ErrHeld: the configuration disables the rule.
	ErrHeld = errors.New("leak.rules.disable in the configuration disables the rule; take it out there")
)

// InputError says which field of a rule cannot be taken, and why.
type InputError struct{ Field, Why string }

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Why }

// Rule is a rule as it is in force.
type Rule struct {
	detect.Rule
	Origin    Origin
	From      string     // the file it was read or imported from; may be empty
	Changed   bool       // differs from how it is built in or written in its file
	Held      bool       // disabled by the configuration
	Problem   string     // why it is not run although it is active; empty: it is
	Slow      bool       // has no literal to look for: it is tried everywhere
	Version   int64      // of its row; 0: it has none
	UpdatedAt *time.Time // nil: never
	UpdatedBy string
}

// Patch is what differs from the rule as it is built in or written in a file;
// nil fields do not.
type Patch struct {
	Active     *bool            `json:"active,omitempty"`
	Severity   *detect.Severity `json:"severity,omitempty"`
	Confidence *float64         `json:"confidence,omitempty"`
	Regex      *string          `json:"regex,omitempty"`
}

func (p Patch) empty() bool { return p == Patch{} }

// over applies the patch. Keywords and the group of the secret belong to a
// regex: with another they are found out anew.
func (p Patch) over(r detect.Rule) detect.Rule {
	if p.Active != nil {
		r.Active = *p.Active
	}
	if p.Severity != nil {
		r.Severity = *p.Severity
	}
	if p.Confidence != nil {
		r.Confidence = *p.Confidence
	}
	if p.Regex != nil && *p.Regex != r.Regex {
		r.Regex, r.Keywords, r.Near, r.SecretGroup = *p.Regex, nil, 0, 0
	}
	return r
}

// Edit is what an operator wants different; nil fields stay as they are. The
// fields beyond Patch are for custom and imported rules.
type Edit struct {
	Patch
	Description    *string
	SecretGroup    *int
	Keywords       *[]string
	Entropy        *float64
	SecretType     *string
	Tags           *[]string
	Recommendation *string
	Allowlist      *detect.Allowlist
	Reset          bool // back to how it is built in or written in its file; nothing else may be set
}

// beyond names the first field that only an own rule has, "" when none is set.
func (e Edit) beyond() string {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"description", e.Description != nil}, {"secret_group", e.SecretGroup != nil}, {"keywords", e.Keywords != nil},
		{"entropy", e.Entropy != nil}, {"secret_type", e.SecretType != nil}, {"tags", e.Tags != nil},
		{"recommendation", e.Recommendation != nil}, {"allowlist", e.Allowlist != nil},
	} {
		if f.set {
			return f.name
		}
	}
	return ""
}

func (e Edit) over(r detect.Rule) detect.Rule {
	r = e.Patch.over(r)
	put(&r.Description, e.Description)
	put(&r.SecretGroup, e.SecretGroup)
	put(&r.Keywords, e.Keywords)
	if len(r.Keywords) == 0 {
		r.Near = 0
	}
	put(&r.Entropy, e.Entropy)
	put(&r.SecretType, e.SecretType)
	put(&r.Tags, e.Tags)
	put(&r.Recommendation, e.Recommendation)
	put(&r.Allowlist, e.Allowlist)
	return r
}

func put[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

// Spec is an own rule as it is stored.
type Spec struct {
	From           string           `json:"from,omitempty"`
	Description    string           `json:"description"`
	Family         string           `json:"family,omitempty"`
	Provider       string           `json:"provider,omitempty"`
	Regex          string           `json:"regex"`
	SecretGroup    int              `json:"secret_group,omitempty"`
	Keywords       []string         `json:"keywords,omitempty"`
	Near           int              `json:"near,omitempty"`
	Entropy        float64          `json:"entropy,omitempty"`
	Severity       detect.Severity  `json:"severity"`
	Confidence     float64          `json:"confidence"`
	Active         bool             `json:"active"`
	Generic        bool             `json:"generic,omitempty"`
	Tags           []string         `json:"tags,omitempty"`
	Validator      string           `json:"validator,omitempty"`
	Revoker        string           `json:"revoker,omitempty"`
	SecretType     string           `json:"secret_type,omitempty"`
	Allowlist      detect.Allowlist `json:"allowlist"`
	Recommendation string           `json:"recommendation,omitempty"`
}

func specOf(r detect.Rule, from string) Spec {
	return Spec{
		From: from, Description: r.Description, Family: r.Family, Provider: r.Provider, Regex: r.Regex, SecretGroup: r.SecretGroup, Keywords: r.Keywords,
		Near: r.Near, Entropy: r.Entropy, Severity: r.Severity, Confidence: r.Confidence, Active: r.Active, Generic: r.Generic, Tags: r.Tags,
		Validator: r.Validator, Revoker: r.Revoker, SecretType: r.SecretType, Allowlist: r.Allowlist, Recommendation: r.Recommendation,
	}
}

func (s Spec) rule(id string) detect.Rule {
	return detect.Rule{
		ID: id, Description: s.Description, Family: s.Family, Provider: s.Provider, Regex: s.Regex, SecretGroup: s.SecretGroup, Keywords: s.Keywords,
		Near: s.Near, Entropy: s.Entropy, Severity: s.Severity, Confidence: s.Confidence, Active: s.Active, Generic: s.Generic, Tags: s.Tags,
		Validator: s.Validator, Revoker: s.Revoker, SecretType: s.SecretType, Allowlist: s.Allowlist, Recommendation: s.Recommendation,
	}
}

// summary says what is different, for people.
func summary(before, after detect.Rule) string {
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if before.Active != after.Active {
		say("%s", map[bool]string{true: "enabled", false: "disabled"}[after.Active])
	}
	if before.Severity != after.Severity {
		say("severity %s -> %s", before.Severity, after.Severity)
	}
	if before.Confidence != after.Confidence {
		say("confidence %v -> %v", before.Confidence, after.Confidence)
	}
	if before.Regex != after.Regex {
		say("another regex")
	}
	if len(parts) == 0 {
		say("other details")
	}
	return strings.Join(parts, ", ")
}

// nothing is the definition of a patch that changes nothing.
var nothing = json.RawMessage("{}")

// alike compares definitions by what they say: a database may write JSON in
// another way than it was given.
func alike(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
