package rulebook

import (
	"encoding/json"
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
)

// Origin says where a rule comes from.
type Origin string

// The origins of rules.
const (
	File   Origin = "file"   // anomaly.rules of the configuration
	Custom Origin = "custom" // added by an operator
)

// Errors matched with errors.Is.
var (
	// ErrNotFound: there is no rule of that id.
	ErrNotFound = errors.New("there is no such anomaly rule")
	// ErrExists: the id is taken.
	ErrExists = errors.New("the id is taken by another anomaly rule")
	// ErrConflict: somebody else changed the rule meanwhile.
	ErrConflict = errors.New("the rule has changed meanwhile")
	// ErrFromFile: a rule of a file is changed and removed there.
	ErrFromFile = errors.New("the rule is from a file of anomaly.rules; change it there. Here it can be switched off")
	// ErrBusy: too many drafts are tried at the moment.
	ErrBusy = errors.New("other drafts are tried at the moment; try again in some seconds")
)

// InputError says which field cannot be taken, and why. Line is that of the field's text,
// from 1; 0: it is about no line.
type InputError struct {
	Field string
	Line  int
	Why   string
}

// Error implements error.
func (e *InputError) Error() string { return e.Field + ": " + e.Why }

// mistaken is what is wrong with the text of a rule, for whoever wrote it.
func mistaken(field string, err error) error {
	var m *rule.Mistake
	if errors.As(err, &m) {
		return &InputError{field, m.Line, m.Error()}
	}
	return &InputError{field, 1, err.Error()}
}

// Filed is a rule of a file.
type Filed struct {
	*rule.Rule
	File string
}

// Entry is a rule as it stands in the book.
type Entry struct {
	ID        string
	Rule      *rule.Rule // nil: its text cannot be read
	Text      string     // YAML, as operators wrote it; of a rule from a file without the file's comments
	Origin    Origin
	From      string // the file; empty for others
	Enabled   bool
	Problem   string // why it does not run although it is enabled; empty: it does
	Version   int64  // of its row; 0: it has none
	UpdatedAt *time.Time
	UpdatedBy string
}

// Runs reports whether the rule is in force.
func (e Entry) Runs() bool { return e.Enabled && e.Problem == "" }

// severity is that of its anomalies; empty when nobody knows.
func (e Entry) severity() string {
	if e.Rule == nil {
		return ""
	}
	return e.Rule.Severity.String()
}

// facts is what the audit log keeps of a rule; nil when there is none.
func (e Entry) facts() json.RawMessage {
	if e.ID == "" {
		return nil
	}
	b, err := json.Marshal(map[string]any{"text": e.Text, "origin": e.Origin, "enabled": e.Enabled})
	if err != nil { // texts and a bool: cannot fail
		return nil
	}
	return b
}

// own is the text that is stored of it.
func (e Entry) own() *string {
	if e.ID == "" || e.Origin != Custom {
		return nil
	}
	return &e.Text
}
