package detect

// Finding is one hit of one rule.
type Finding struct {
	// Rule is the rule that fired. It belongs to the rule set: read only.
	Rule *Rule `json:"-"`
	// Start and End are byte offsets into the original input of the secret, or,
	// when the secret was encoded, of the encoded text that holds it. Text
	// [Start, End) is what has to go when the input is redacted.
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	// Line and Column are where Start is, from 1; a column counts bytes.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Secret is the secret itself, decoded. It prints as "[redacted]".
	Secret Secret `json:"-"`
	// Redacted is the form that may be stored and shown: see Redact.
	Redacted string `json:"redacted"`
	// Confidence is the chance, 0 to 1, that this is a real secret: the rule's,
	// moved by its validator.
	Confidence float64 `json:"confidence"`
	// Severity is the rule's.
	Severity Severity `json:"severity"`
	// Decoders are the encodings passed to reach the secret, outermost first;
	// empty for plain text.
	Decoders []string `json:"decoders,omitempty"`
}

// Report says what a scan read and, as important, what it could not read.
type Report struct {
	// Bytes is how much of the input was read.
	Bytes int64 `json:"bytes"`
	// Findings counts the findings emitted.
	Findings int `json:"findings"`
	// Decoded is how many bytes came out of decoders on the way.
	Decoded int64 `json:"decoded"`
	// NotScanned lists spans whose content was not, or not wholly, looked at.
	// An input with any is not clean, whatever Findings says. It is bounded:
	// the last entry then has ReasonMore.
	NotScanned []NotScanned `json:"not_scanned,omitempty"`
}

// Complete says whether everything was looked at.
func (r Report) Complete() bool { return len(r.NotScanned) == 0 }

// NotScanned is a span of the original input that was not wholly looked at.
type NotScanned struct {
	Start  int64  `json:"start"`
	End    int64  `json:"end"`
	Reason Reason `json:"reason"`
}

// Reason says why a span was not scanned.
type Reason string

// The reasons.
const (
	ReasonBudget      Reason = "decoded more than the byte budget allows"
	ReasonDepth       Reason = "encoded deeper than the depth limit"
	ReasonUndecodable Reason = "compressed data is corrupt or cut off"
	ReasonUnreadable  Reason = "archived in a way that is not read: encrypted, or compressed by another method"
	ReasonDocument    Reason = "in a document that is encrypted, or does not say what its text is"
	ReasonMissing     Reason = "made of parts of something that is not there"
	ReasonStopped     Reason = "the caller stopped the scan"
	ReasonReadError   Reason = "reading the input failed"
	ReasonMore        Reason = "more spans like these were left out of the report"
)

const maxNotScanned = 64

func (r *Report) note(n NotScanned) {
	switch {
	case len(r.NotScanned) < maxNotScanned-1:
		r.NotScanned = append(r.NotScanned, n)
	case len(r.NotScanned) == maxNotScanned-1:
		n.Reason = ReasonMore
		r.NotScanned = append(r.NotScanned, n)
	default:
		last := &r.NotScanned[maxNotScanned-1]
		last.Start, last.End = min(last.Start, n.Start), max(last.End, n.End)
	}
}
