package policy

import (
	"fmt"
	"slices"
	"time"
)

// Recorded is a request that was decided before.
type Recorded struct {
	Request Request
	Result  Result
	Sent    int64 // bytes that it let out; 0 when that is not known
}

// Changed is a recorded request that would be answered otherwise.
type Changed struct {
	Recorded Recorded
	Now      Decision
}

// Outcome is what a dry run found.
type Outcome struct {
	Total        int
	NewlyBlocked []Changed
	NewlyAllowed []Changed
	// Notes say, for people, what a dry run could not know.
	Notes []string
}

// DryRun asks p about recorded requests, with the times they carry. What they sent
// is counted for rules with a data_budget; one that would have been cut in the
// middle counts as blocked.
func DryRun(p *Policy, recorded []Recorded) Outcome {
	o := Outcome{Total: len(recorded)}
	spent := p.spending(recorded)
	unjudged := 0
	for i, r := range recorded {
		r.Request.Spent = spent[i]
		now := p.Decide(r.Request)
		if now.Reason == ReasonWhenFailed {
			unjudged++
		}
		switch {
		case now.Result == r.Result:
		case now.Result == Allow:
			o.NewlyAllowed = append(o.NewlyAllowed, Changed{r, now})
		default:
			o.NewlyBlocked = append(o.NewlyBlocked, Changed{r, now})
		}
	}
	if len(spent) > 0 {
		o.Notes = append(o.Notes, "data_budget is counted from the oldest of these decisions on, by what was sent then; what left before is not known here")
	}
	if unjudged > 0 {
		o.Notes = append(o.Notes, fmt.Sprintf("%d rest on a when that asks about something that is not on record, such as a program's user, folder or jail", unjudged))
	}
	return o
}

// account is what a budget is counted by.
type account struct {
	rule, program string
	window        int64
}

// spending says of which requests the rule's budget would have been used up; nil
// when no rule has one.
func (p *Policy) spending(recorded []Recorded) map[int]string {
	if !slices.ContainsFunc(p.all(), func(r Rule) bool { return !r.Budget.IsZero() }) {
		return nil
	}
	order := make([]int, len(recorded))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return recorded[a].Request.Time.Compare(recorded[b].Request.Time) })
	sent, spent := map[account]int64{}, map[int]string{}
	for _, i := range order {
		r := &recorded[i]
		d := p.Decide(r.Request)
		if d.Budget.IsZero() {
			continue
		}
		a := account{rule: d.RuleID, window: r.Request.Time.Unix() / int64(d.Budget.Per.Length()/time.Second)}
		if d.Budget.Scope == PerProgram {
			a.program = r.Request.Program.Exe
		}
		if sent[a]+r.Sent > d.Budget.Bytes || sent[a] >= d.Budget.Bytes {
			spent[i] = d.RuleID
		}
		sent[a] = min(sent[a]+r.Sent, d.Budget.Bytes)
	}
	return spent
}

// String sums an outcome up, for people.
func (o Outcome) String() string {
	return fmt.Sprintf("would newly block %d and newly allow %d of %d", len(o.NewlyBlocked), len(o.NewlyAllowed), o.Total)
}
