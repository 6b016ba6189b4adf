package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type egressReportCmd struct {
	HTML  string `name:"html" placeholder:"FILE" help:"Write a page with charts into this file; - is standard output."`
	Since string `default:"30d" help:"How far back: days such as 30d, today included (UTC), at most 366d."`
	Limit int    `default:"20000" help:"How many of the newest decisions are read for what is not counted by day."`
}

// Bounds of a report.
const (
	mostReported  = 100_000 // decisions
	mostRows      = 20      // of one table
	mostRuleAsked = 500     // rules that are looked up one by one, and of a list of rules
	unusedAfter   = 90 * 24 * time.Hour
	expiringSoon  = 30 * 24 * time.Hour
)

func (c *egressReportCmd) Run(ctx context.Context, s *session) error {
	days, err := parseDays(c.Since)
	if err != nil {
		return err
	}
	if c.Limit < 1 || c.Limit > mostReported {
		return usageError("--limit %d: give a number from 1 to %d", c.Limit, mostReported)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := gatherReport(ctx, cl, time.Now().UTC(), days, c.Limit)
		if err != nil {
			return err
		}
		if c.HTML == "" {
			return emit(s, r, r.text)
		}
		var page bytes.Buffer
		if err := r.html(&page); err != nil {
			return fmt.Errorf("writing the page: %w", err)
		}
		if c.HTML == "-" {
			_, err := s.Stdout.Write(page.Bytes())
			return err
		}
		if err := os.WriteFile(c.HTML, page.Bytes(), 0o600); err != nil {
			return err
		}
		fmt.Fprintf(s.Stderr, "cordon: the page is in %s\n", c.HTML)
		return nil
	})
}

func parseDays(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || n < 1 || n > 366 {
		return 0, usageError("--since %s: give days such as 30d, from 1d to 366d", text)
	}
	return n, nil
}

// egressReport sums up what was decided.
type egressReport struct {
	Time    time.Time `json:"time"`  // UTC, when it was made
	Since   string    `json:"since"` // first day, UTC
	Mode    string    `json:"mode"`
	Version int64     `json:"policy_version"`
	Allowed int64     `json:"allowed"`
	Denied  int64     `json:"denied"`

	Days    []reportDay   `json:"days"`    // every day, those without a decision too
	Reasons []reportCount `json:"reasons"` // of denials, most first

	// What follows is of the newest decisions, back to ReadBackTo.
	Read         int           `json:"read"`
	ReadBackTo   time.Time     `json:"read_back_to"` // the first day's begin unless there were more than were read
	Destinations []reportCount `json:"destinations"`
	Programs     []reportCount `json:"programs"`
	Blocked      []reportCount `json:"blocked"` // destination and reason
	Leaks        []reportLeak  `json:"leaks"`   // newest first

	Unused     []reportRule `json:"unused_rules"` // no decision kept of the last 90 days
	Unverified []reportRule `json:"unverified_rules"`
	Expiring   []reportRule `json:"expiring_rules"`   // within 30 days, and those that have
	NotAsked   int          `json:"rules_not_asked"`  // beyond the 500 whose last use is looked up
	NotListed  int          `json:"rules_not_listed"` // beyond the 500 of each list
}

type reportDay struct {
	Day     string `json:"day"`
	Allowed int64  `json:"allowed"`
	Denied  int64  `json:"denied"`
	Leaks   int64  `json:"leaks"` // denied because of a secret
}

type reportCount struct {
	Name    string `json:"name"`
	Allowed int64  `json:"allowed"`
	Denied  int64  `json:"denied"`
}

func (c reportCount) total() int64 { return c.Allowed + c.Denied }

type reportLeak struct {
	Time     time.Time `json:"time"`
	Target   string    `json:"target"`
	Decision string    `json:"decision"`
	Rule     string    `json:"detected_by"`
	Redacted string    `json:"redacted"`
	Program  string    `json:"program"`
}

type reportRule struct {
	ID          string `json:"id"`
	Line        int    `json:"line"`
	Description string `json:"description"`
	Note        string `json:"note"` // when it was last used, or expires
}

// newReport has lists, where there is nothing empty ones.
func newReport(now, first time.Time) *egressReport {
	return &egressReport{
		Time: now, Since: first.Format(time.DateOnly), ReadBackTo: first,
		Leaks: []reportLeak{}, Unused: []reportRule{}, Unverified: []reportRule{}, Expiring: []reportRule{},
	}
}

func gatherReport(ctx context.Context, cl *client.Client, now time.Time, days, limit int) (*egressReport, error) {
	first := now.Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	r := newReport(now, first)
	st, err := cl.Egress(ctx)
	if err != nil {
		return nil, err
	}
	r.Mode, r.Version = st.Mode, st.Version
	counts, err := cl.EgressStats(ctx, days)
	if err != nil {
		return nil, err
	}
	r.byDay(first, days, counts)
	used, err := r.readDecisions(ctx, cl, first, limit)
	if err != nil {
		return nil, err
	}
	p, err := inForce(ctx, cl)
	if err != nil {
		return nil, err
	}
	return r, r.judgeRules(ctx, cl, p.Rules(), used)
}

// byDay fills in what is counted by day.
func (r *egressReport) byDay(first time.Time, days int, st api.EgressStats) {
	r.Allowed, r.Denied = st.Allowed, st.Denied
	at := map[string]*reportDay{}
	r.Days = make([]reportDay, days)
	for i := range r.Days {
		r.Days[i].Day = first.AddDate(0, 0, i).Format(time.DateOnly)
		at[r.Days[i].Day] = &r.Days[i]
	}
	reasons := map[string]*reportCount{}
	for _, c := range st.Days {
		d := at[c.Day]
		switch {
		case d == nil:
		case c.Decision == string(policy.Allow):
			d.Allowed += c.Total
		default:
			d.Denied += c.Total
			if c.Reason == string(policy.ReasonLeak) {
				d.Leaks += c.Total
			}
			count(reasons, c.Reason).Denied += c.Total
		}
	}
	r.Reasons = top(reasons)
}

func count(in map[string]*reportCount, name string) *reportCount {
	c := in[name]
	if c == nil {
		c = &reportCount{Name: name}
		in[name] = c
	}
	return c
}

// top is the largest, the name breaking ties.
func top(in map[string]*reportCount) []reportCount {
	all := make([]reportCount, 0, len(in))
	for _, c := range in {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b reportCount) int {
		return cmp.Or(cmp.Compare(b.total(), a.total()), cmp.Compare(a.Name, b.Name))
	})
	return all[:min(len(all), mostRows)]
}

// readDecisions reads the newest decisions page by page, and returns which rules
// decided one.
func (r *egressReport) readDecisions(ctx context.Context, cl *client.Client, first time.Time, limit int) (used map[string]bool, err error) {
	s := newSums()
	q := client.EgressQuery{}
	for r.Read < limit {
		q.Limit = min(mostPerPage, limit-r.Read)
		page, err := cl.EgressDecisions(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			if d.Time.Before(first) {
				return r.take(s), nil
			}
			r.Read++
			s.add(d)
		}
		if page.NextCursor == nil {
			return r.take(s), nil
		}
		q.Cursor = *page.NextCursor
	}
	r.ReadBackTo = s.oldest
	return r.take(s), nil
}

// sums are counts of decisions that were read.
type sums struct {
	hosts, programs, blocked map[string]*reportCount
	leaks                    []reportLeak
	used                     map[string]bool
	oldest                   time.Time
}

func newSums() *sums {
	return &sums{hosts: map[string]*reportCount{}, programs: map[string]*reportCount{}, blocked: map[string]*reportCount{}, leaks: []reportLeak{}, used: map[string]bool{}}
}

func (s *sums) add(d api.EgressDecision) {
	to, by := target(d.Host, d.Port), cmp.Or(d.Exe, "not known")
	s.oldest = d.Time
	s.used[d.Rule] = true
	if d.Decision == string(policy.Allow) {
		count(s.hosts, to).Allowed++
		count(s.programs, by).Allowed++
	} else {
		count(s.hosts, to).Denied++
		count(s.programs, by).Denied++
		count(s.blocked, to+" ("+d.Reason+")").Denied++
	}
	for _, f := range d.Findings {
		if len(s.leaks) < mostRows {
			s.leaks = append(s.leaks, reportLeak{d.Time, to, d.Decision, f.Rule, f.Redacted, by})
		}
	}
}

func (r *egressReport) take(s *sums) (used map[string]bool) {
	r.Destinations, r.Programs, r.Blocked, r.Leaks = top(s.hosts), top(s.programs), top(s.blocked), s.leaks
	return s.used
}

// judgeRules finds the rules that somebody should look at.
func (r *egressReport) judgeRules(ctx context.Context, cl *client.Client, rules []policy.Rule, used map[string]bool) error {
	asked := 0
	for _, rule := range rules {
		row := reportRule{ID: rule.ID, Line: rule.Line, Description: rule.Description}
		if rule.VerifiedBy == "" && !rule.Deny {
			r.list(&r.Unverified, row, "")
		}
		if !rule.Expires.IsZero() && rule.Expires.Sub(r.Time) < expiringSoon {
			r.list(&r.Expiring, row, "expires "+rule.Expires.Format(time.DateOnly))
		}
		if used[rule.ID] {
			continue
		}
		if asked++; asked > mostRuleAsked {
			r.NotAsked++
			continue
		}
		last, err := lastUse(ctx, cl, rule.ID)
		if err != nil {
			return err
		}
		r.judgeUse(row, last)
	}
	return nil
}

func (r *egressReport) judgeUse(row reportRule, last time.Time) {
	switch {
	case last.IsZero():
		r.list(&r.Unused, row, "no decision of it is kept")
	case r.Time.Sub(last) > unusedAfter:
		r.list(&r.Unused, row, "last used "+last.Format(time.DateOnly))
	}
}

// list adds a rule to a list, unless that is long enough.
func (r *egressReport) list(to *[]reportRule, row reportRule, note string) {
	if len(*to) >= mostRuleAsked {
		r.NotListed++
		return
	}
	row.Note = note
	*to = append(*to, row)
}

// lastUse is when a rule last decided; zero when no such decision is kept.
func lastUse(ctx context.Context, cl *client.Client, rule string) (time.Time, error) {
	page, err := cl.EgressDecisions(ctx, client.EgressQuery{Limit: 1, Rule: rule})
	if err != nil || len(page.Items) == 0 {
		return time.Time{}, err
	}
	return page.Items[0].Time, nil
}

// text is the report for a terminal.
func (r *egressReport) text(w io.Writer) error {
	fmt.Fprintf(w, "since %s: %d allowed, %d denied; policy version %d, %s\n", r.Since, r.Allowed, r.Denied, r.Version, cmp.Or(r.Mode, "none"))
	for _, t := range []struct {
		title string
		rows  []reportCount
	}{{"REASON OF DENIALS", r.Reasons}, {"DESTINATION", r.Destinations}, {"PROGRAM", r.Programs}, {"BLOCKED", r.Blocked}} {
		if err := countTable(w, t.title, t.rows); err != nil {
			return err
		}
	}
	for _, t := range r.ruleLists() {
		rows := make([][]string, len(t.Rules))
		for i, x := range t.Rules {
			rows[i] = []string{x.ID, strconv.Itoa(x.Line), x.Note, x.Description}
		}
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintln(w)
		if err := table(w, []string{strings.ToUpper(t.Title), "LINE", "NOTE", "DESCRIPTION"}, rows); err != nil {
			return err
		}
	}
	return nil
}

func countTable(w io.Writer, title string, all []reportCount) error {
	if len(all) == 0 {
		return nil
	}
	rows := make([][]string, len(all))
	for i, c := range all {
		rows[i] = []string{c.Name, strconv.FormatInt(c.Allowed, 10), strconv.FormatInt(c.Denied, 10)}
	}
	fmt.Fprintln(w)
	return table(w, []string{title, "ALLOWED", "DENIED"}, rows)
}

type ruleList struct {
	Title string
	Rules []reportRule
}

func (r *egressReport) ruleLists() []ruleList {
	return []ruleList{{"Unused for 90 days", r.Unused}, {"Expired or soon to", r.Expiring}, {"Verified by nobody", r.Unverified}}
}
