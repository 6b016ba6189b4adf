package match

import "testing"

func TestShortTellsWhatMoreTextCouldFinish(t *testing.T) {
	for _, tt := range []struct {
		expr, text string
		want       bool
	}{
		{`\bghp_[A-Za-z0-9]{36}\b`, "ghp_abc123", true},
		{`\bghp_[A-Za-z0-9]{36}\b`, "ghp_", true},
		{`\bghp_[A-Za-z0-9]{36}\b`, "gh", true},
		{`\bghp_[A-Za-z0-9]{36}\b`, "ghp_abc-123", false},
		{`\bghp_[A-Za-z0-9]{36}\b`, "ghp_0123456789abcdefghijABCDEFGHIJ012345", false}, // it matches // cordon:allow
		{`\bAKIA[A-Z2-7]{16}\b`, "AKIAABCD", true},
		{`\bAKIA[A-Z2-7]{16}\b`, "AKIA is a word", false},
		{`(?i)key-[0-9a-f]{8}`, "KEY-01", true},
		{`(?i)key-[0-9a-f]{8}`, "KEx", false},
		{`a(?:b|c)d`, "a", true},
		{`xox[bp]-[0-9]{4}-[a-z]{4}`, "xoxb-1234-a", true},
	} {
		p, err := Compile(tt.expr)
		if err != nil {
			t.Fatal(tt.expr, err)
		}
		var m Machine
		if got := m.Short(p, []byte(tt.text), 0, 10_000); got != tt.want {
			t.Errorf("%s in %q: %v", tt.expr, tt.text, got)
		}
	}
}
