package policy

import (
	"strconv"
	"strings"
	"time"
)

// Period is a stretch of time that a Budget is for. It begins with a full hour or at
// midnight, in UTC.
type Period string

// The periods.
const (
	Hour Period = "hour"
	Day  Period = "day"
)

// Length is how long a period is; zero for what is none.
func (p Period) Length() time.Duration {
	switch p {
	case Hour:
		return time.Hour
	case Day:
		return 24 * time.Hour
	}
	return 0
}

// Scope says who shares a Budget.
type Scope string

// The scopes. Programs are told apart by their executables; those that are not
// known share one budget.
const (
	PerRule    Scope = "rule"
	PerProgram Scope = "program"
)

// Budget is how many bytes may leave by a rule within a period. What comes back is
// not counted. This package only carries it: whoever sends counts.
type Budget struct {
	Bytes int64
	Per   Period
	Scope Scope
}

// IsZero reports whether there is no budget.
func (b Budget) IsZero() bool { return b == Budget{} }

// String writes a budget as rules have it; empty for none.
func (b Budget) String() string {
	if b.IsZero() {
		return ""
	}
	text := sizeText(b.Bytes) + "/" + string(b.Per)
	if b.Scope == PerProgram {
		text += " for each program"
	}
	return text
}

// yaml writes a budget as a value of the document.
func (b Budget) yaml() string {
	if b.IsZero() {
		return ""
	}
	return flow([]field{{"bytes", strconv.FormatInt(b.Bytes, 10)}, {"per", string(b.Per)}, {"scope", string(b.Scope)}})
}

// unit is a word for a number of bytes.
type unit struct {
	name  string
	bytes int64
}

// units are those of the SI and of IEC 80000-13, the largest first.
func units() []unit {
	return []unit{
		{"TIB", 1 << 40}, {"TB", 1e12}, {"GIB", 1 << 30}, {"GB", 1e9}, {"MIB", 1 << 20}, {"MB", 1e6}, {"KIB", 1 << 10}, {"KB", 1e3}, {"B", 1}, {"", 1},
	}
}

func sizeText(n int64) string {
	for _, u := range units() {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + strings.Replace(u.name, "IB", "iB", 1)
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// parseSize reads a number of bytes with a unit or without.
func parseSize(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, u := range units() {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		return n * u.bytes, err == nil && n > 0 && n <= maxBudget/u.bytes
	}
	return 0, false
}

// maxBudget bounds a budget, in bytes.
const maxBudget = 1 << 50

// readBudget reads 10MB/day, or {bytes: 10MB, per: day, scope: program}.
func readBudget(m *mapping) Budget {
	v, ok := m.get("data_budget")
	if !ok {
		return Budget{}
	}
	b := Budget{Scope: PerRule}
	var size string
	if _, isMap := pairsOf(v.node); isMap {
		fields := v.mapping()
		size, b.Per = fields.text("bytes"), Period(fields.text("per"))
		b.Scope = Scope(oneOf(fields, "scope", string(PerRule), string(PerProgram)))
		fields.done()
	} else {
		before, per, _ := strings.Cut(v.text(), "/")
		size, b.Per = before, Period(strings.TrimSpace(per))
	}
	var sized bool
	if b.Bytes, sized = parseSize(size); !sized || b.Per.Length() == 0 {
		v.wrong("is no amount of data for an hour or a day", `write 10MB/day, or {bytes: 10MB, per: hour, scope: program}`)
		return Budget{}
	}
	return b
}

// overspent denies what a rule allows and its budget does not.
func overspent(r *Request, allowed Decision) Decision {
	d := refuseRule(ReasonDataBudget, r, allowed.RuleID)
	d.Budget = allowed.Budget
	return d
}
