package rules

import (
	"context"

	"go.cordon.dev/cordon/detect"
)

// MaxText is the longest text that Try takes, in bytes.
const MaxText = 64 << 10

// maxTried bounds the findings of one Try.
const maxTried = 1000

// Try scans a text with the rules in force, or with a draft alone, and returns
// what they find. Nothing of it is kept; the caller wipes the findings' secrets.
func (m *Manager) Try(ctx context.Context, text []byte, draft *detect.Rule) ([]detect.Finding, detect.Report, error) {
	if len(text) > MaxText {
		return nil, detect.Report{}, &InputError{"text", "is longer than 64 KiB; give the part that matters"}
	}
	s, err := m.trier(ctx, draft)
	if err != nil {
		return nil, detect.Report{}, err
	}
	var found []detect.Finding
	report := s.Scan(text, func(f detect.Finding) bool {
		found = append(found, f)
		return len(found) < maxTried
	})
	return found, report, nil
}

func (m *Manager) trier(ctx context.Context, draft *detect.Rule) (*detect.Scanner, error) {
	if draft == nil {
		return m.Scanner(ctx)
	}
	r := *draft
	r.Active = true
	if key, err := detect.CheckRule(r); err != nil {
		return nil, &InputError{"rule." + key, err.Error()}
	}
	set, err := detect.Compile([]detect.Rule{r}, detect.Options{})
	if err != nil {
		return nil, &InputError{"rule", err.Error()}
	}
	return detect.NewScanner(set), nil
}
