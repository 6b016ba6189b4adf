package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/egress/watch"
)

// egressReviewCmd lists the endpoints that wait, or judges one of them.
type egressReviewCmd struct {
	Target   string `arg:"" optional:"" placeholder:"HOST[:PORT]" help:"The endpoint to judge. Without one, those that wait are listed."`
	Allow    string `enum:"once,host,always," default:"" placeholder:"once|host|always" help:"once: this program may reach it for an hour; host: for good; always: every program may."`
	Deny     bool   `help:"Leave it refused, and out of the list."`
	Denylist bool   `help:"With --deny: let nobody reach it, whatever other rules say."`
	Reason   string `help:"Why; kept with the rule and in the audit log. Mandatory with a verdict."`
	Program  string `help:"Only of this executable."`
	Reviewed bool   `help:"List those that were reviewed instead."`
	Limit    int    `default:"50" help:"List at most so many, first seen last first."`
}

func (c *egressReviewCmd) Run(ctx context.Context, s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if c.Target == "" || c.verdict() == "" {
			return c.list(ctx, s, cl)
		}
		return c.judge(ctx, s, cl)
	})
}

func (c *egressReviewCmd) check() error {
	switch {
	case c.Limit < 1:
		return usageError("--limit %d: give a number above 0", c.Limit)
	case c.Allow != "" && c.Deny:
		return usageError("--allow and --deny: which of them?")
	case c.Denylist && !c.Deny:
		return usageError("--denylist goes with --deny")
	case c.verdict() != "" && c.Target == "":
		return usageError("which endpoint? Give HOST or HOST:PORT; without a verdict, all that wait are listed")
	case c.verdict() != "" && strings.TrimSpace(c.Reason) == "":
		return usageError("--reason is missing: say why, it is kept with the rule and in the audit log")
	}
	return nil
}

// verdict is what the flags say; empty: nothing.
func (c *egressReviewCmd) verdict() watch.Verdict {
	switch {
	case c.Denylist:
		return watch.Denylisted
	case c.Deny:
		return watch.Denied
	case c.Allow != "":
		return watch.Verdict("allow_" + c.Allow)
	}
	return ""
}

// query asks for what the flags name; wide also for what was reviewed.
func (c *egressReviewCmd) query() (q client.EndpointQuery, port uint16, err error) {
	q = client.EndpointQuery{State: watch.StateNew, Program: c.Program}
	if c.Reviewed {
		q.State = watch.StateReviewed
	}
	if c.Target == "" {
		return q, 0, nil
	}
	t, err := policy.ParseTarget(c.Target)
	if err != nil {
		return q, 0, usageError("%s: %s", c.Target, err)
	}
	q.Host = t.Host
	if len(t.Ports) > 0 {
		port = t.Ports[0].First
	}
	return q, port, nil
}

func (c *egressReviewCmd) find(ctx context.Context, cl *client.Client, most int) ([]api.EgressEndpoint, error) {
	q, port, err := c.query()
	if err != nil {
		return nil, err
	}
	all, err := pages(most, func(size int, cursor string) ([]api.EgressEndpoint, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.EgressEndpoints(ctx, q)
		return p.Items, p.NextCursor, err
	})
	return slices.DeleteFunc(all, func(p api.EgressEndpoint) bool { return port != 0 && p.Port != port }), err
}

func (c *egressReviewCmd) list(ctx context.Context, s *session, cl *client.Client) error {
	all, err := c.find(ctx, cl, c.Limit)
	if err != nil {
		return err
	}
	return emitList(s, all, func(w io.Writer) error { return endpointTable(w, all) })
}

func endpointTable(w io.Writer, all []api.EgressEndpoint) error {
	rows := make([][]string, len(all))
	for i, p := range all {
		verdict := p.LastDecision
		if p.Verdict != nil {
			verdict = *p.Verdict + " by " + p.ReviewedBy
		}
		rows[i] = []string{day(&p.FirstSeen), target(p.Host, p.Port), p.Program, strconv.FormatInt(p.Denied, 10), strconv.FormatInt(p.Allowed, 10), p.LastReason, verdict}
	}
	return table(w, []string{"FIRST SEEN", "TARGET", "PROGRAM", "DENIED", "ALLOWED", "REASON", "VERDICT"}, rows)
}

// maxSame is how many endpoints of one host are looked through.
const maxSame = 500

// judge needs to know which program is meant, unless the verdict is for all.
func (c *egressReviewCmd) judge(ctx context.Context, s *session, cl *client.Client) error {
	all, err := c.find(ctx, cl, maxSame)
	switch {
	case err != nil:
		return err
	case len(all) == 0:
		return fmt.Errorf("no endpoint %s waits for review; `cordon egress review` lists those that do", c.Target)
	case len(all) > 1 && !c.forAll(all):
		return ambiguous(c.Target, all)
	}
	var p api.EgressEndpoint
	for _, one := range all {
		if p, err = c.review(ctx, cl, one.ID); err != nil {
			return err
		}
	}
	return emit(s, p, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, judged(c.verdict(), p))
		return err
	})
}

// forAll reports whether a verdict says the same of all: it is for every program, and
// they are one host and port.
func (c *egressReviewCmd) forAll(all []api.EgressEndpoint) bool {
	v := c.verdict()
	return (v == watch.AllowAlways || v == watch.Denylisted) &&
		!slices.ContainsFunc(all, func(p api.EgressEndpoint) bool { return p.Port != all[0].Port || p.Node != all[0].Node })
}

func (c *egressReviewCmd) review(ctx context.Context, cl *client.Client, id string) (api.EgressEndpoint, error) {
	p, etag, err := cl.EgressEndpoint(ctx, id)
	if err != nil {
		return p, err
	}
	return cl.EgressReview(ctx, p.ID, api.EgressEndpointReview{Verdict: string(c.verdict()), Reason: c.Reason}, etag, "")
}

// maxNamed is how many endpoints an error names.
const maxNamed = 5

func ambiguous(what string, all []api.EgressEndpoint) error {
	var names []string
	for _, p := range all[:min(len(all), maxNamed)] {
		names = append(names, oneLine(target(p.Host, p.Port)+" of "+programOrNot(p.Program)))
	}
	return usageError("%d endpoints are called %s (%s); give HOST:PORT and --program", len(all), what, strings.Join(names, ", "))
}

func programOrNot(program string) string {
	if program == "" {
		return "a program that is not known"
	}
	return program
}

// judged says what became of a verdict.
func judged(v watch.Verdict, p api.EgressEndpoint) string {
	what, who := oneLine(target(p.Host, p.Port)), "every program (which one asked is not known)"
	if p.Program != "" {
		who = oneLine(p.Program)
	}
	switch v {
	case watch.AllowOnce:
		return fmt.Sprintf("%s may reach %s for %.0f minutes", who, what, watch.OnceFor.Minutes())
	case watch.AllowHost:
		return fmt.Sprintf("%s may reach %s", who, what)
	case watch.AllowAlways:
		return "every program may reach " + what
	case watch.Denylisted:
		return "nobody may reach " + what
	}
	return what + " was reviewed; the policy answers as before"
}
