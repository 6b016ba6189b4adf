package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/egress/policies"
)

// maxPolicyFile bounds a policy file, in bytes.
const maxPolicyFile = 32 << 20

type egressInitCmd struct {
	Force bool `help:"Replace the policy that is there."`
}

func (c *egressInitCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		_, _, err := cl.EgressPolicy(ctx)
		switch {
		case err == nil && !c.Force:
			return codeError{exitRuntime, "there is a policy already; see cordon egress policy show, or replace it with --force"}
		case err != nil && !notFound(err):
			return err
		}
		p, err := cl.EgressPut(ctx, api.EgressPolicyRequest{Document: string(policy.Starter()), Reason: "cordon egress init"}, "")
		if err != nil {
			return err
		}
		return emit(s, p, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "version %d is in force: nothing goes out that no rule names.\nLet something out with: cordon egress add HOST[:PORT] \"what for\"\n", p.Version)
			return err
		})
	})
}

func notFound(err error) bool {
	var p *client.Error
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}

// inForce is the policy in force; nil when there is none.
func inForce(ctx context.Context, cl *client.Client) (*policy.Policy, error) {
	v, _, err := cl.EgressPolicy(ctx)
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parsePolicy("the policy in force", []byte(v.Document))
}

func parsePolicy(name string, document []byte) (*policy.Policy, error) {
	p, err := policies.Parse(document)
	if err != nil {
		return nil, codeError{exitUsage, fmt.Sprintf("%s: %s", name, printable(err.Error()))}
	}
	return p, nil
}

type egressTestCmd struct {
	File string `arg:"" optional:"" help:"A policy file. Default: the policy in force."`
}

func (c *egressTestCmd) Run(ctx context.Context, s *session) error {
	name, document, err := c.document(ctx, s)
	if err != nil {
		return err
	}
	all, err := policies.Test(document)
	if err != nil {
		return codeError{exitUsage, fmt.Sprintf("%s: %s", name, printable(err.Error()))}
	}
	results := convertAll(all, newPolicyTest)
	failed := 0
	for _, r := range results {
		if !r.Passed {
			failed++
		}
	}
	if err := emitList(s, results, func(w io.Writer) error { return testTable(w, results, failed) }); err != nil {
		return err
	}
	if failed > 0 {
		return codeError{code: exitFindings}
	}
	return nil
}

func (c *egressTestCmd) document(ctx context.Context, s *session) (name string, document []byte, err error) {
	if c.File != "" {
		document, err = readBounded(c.File, maxPolicyFile)
		return c.File, document, err
	}
	err = s.withClient(ctx, true, func(cl *client.Client) error {
		p, _, err := cl.EgressPolicy(ctx)
		document = []byte(p.Document)
		return err
	})
	return "the policy in force", document, err
}

// policyTest is what became of one of a policy's tests.
type policyTest struct {
	Name   string `json:"name"`
	Line   int    `json:"line"`
	Passed bool   `json:"passed"`
	Want   string `json:"want"`
	Got    string `json:"got"`
	Reason string `json:"reason"`
}

func newPolicyTest(r policy.TestResult) policyTest {
	return policyTest{r.Name, r.Line, r.Passed, r.Want, string(r.Got.Result), string(r.Got.Reason)}
}

func testTable(w io.Writer, results []policyTest, failed int) error {
	for _, r := range results {
		if r.Passed {
			continue
		}
		if _, err := fmt.Fprintf(w, "line %d: %s: want %s, got %s (%s)\n", r.Line, oneLine(r.Name), oneLine(r.Want), r.Got, r.Reason); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s, %d failed\n", plural(len(results), "test", "tests"), failed)
	return err
}

type egressDryRunCmd struct {
	File  string `arg:"" help:"The policy file to try."`
	Limit int    `default:"1000" help:"How many of the newest decisions are judged again."`
}

func (c *egressDryRunCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 || c.Limit > 10_000 {
		return usageError("--limit %d: give a number from 1 to 10000", c.Limit)
	}
	document, err := readBounded(c.File, maxPolicyFile)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.EgressDryRun(ctx, api.EgressDryRunRequest{Document: string(document), Limit: c.Limit})
		if err != nil {
			return err
		}
		return emit(s, r, func(w io.Writer) error {
			fmt.Fprintf(w, "of %s: would newly block %d, newly allow %d\n", plural(r.Total, "decision", "decisions"), r.NewlyBlocked, r.NewlyAllowed)
			rows := make([][]string, len(r.Changes))
			for i, d := range r.Changes {
				rows[i] = []string{target(d.Host, d.Port), d.Was, d.Now, d.Reason, d.Rule, strconv.Itoa(d.Count)}
			}
			for _, note := range r.Notes {
				fmt.Fprintf(w, "note: %s\n", note)
			}
			return table(w, []string{"TARGET", "WAS", "NOW", "REASON", "RULE", "DECISIONS"}, rows)
		})
	})
}

type egressPolicyCmd struct {
	Show     policyShowCmd     `cmd:"" help:"Print the policy in force, or a version of it."`
	Diff     policyDiffCmd     `cmd:"" help:"Say what differs between two policies; exit code 1 when something does."`
	History  policyHistoryCmd  `cmd:"" help:"List the versions: who, when and why."`
	Rollback policyRollbackCmd `cmd:"" help:"Go back to a version, which becomes a new one."`
}

type policyShowCmd struct {
	Version int64 `arg:"" optional:"" help:"A version's number. Default: the one in force."`
}

func (c *policyShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		p, err := versionOf(ctx, cl, c.Version)
		if err != nil {
			return err
		}
		return emit(s, p, func(w io.Writer) error { _, err := io.WriteString(w, p.Document); return err })
	})
}

func versionOf(ctx context.Context, cl *client.Client, number int64) (api.EgressPolicy, error) {
	if number > 0 {
		return cl.EgressVersion(ctx, number)
	}
	p, _, err := cl.EgressPolicy(ctx)
	return p, err
}

type policyDiffCmd struct {
	From string `arg:"" optional:"" help:"A version's number or a policy file. Default: the version before the one in force."`
	To   string `arg:"" optional:"" help:"Likewise. Default: the policy in force."`
}

func (c *policyDiffCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := c.fromBefore(ctx, cl); err != nil {
			return err
		}
		from, err := policyNamed(ctx, cl, c.From)
		if err != nil {
			return err
		}
		to, err := policyNamed(ctx, cl, c.To)
		if err != nil {
			return err
		}
		all := convertAll(policy.Diff(from, to), func(d policy.Difference) difference { return difference(d) })
		if err := emitList(s, all, func(w io.Writer) error { return diffLines(w, all) }); err != nil {
			return err
		}
		if len(all) > 0 {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

// fromBefore fills in the version before the one in force, when nothing was named.
func (c *policyDiffCmd) fromBefore(ctx context.Context, cl *client.Client) error {
	if c.From != "" {
		return nil
	}
	page, err := cl.EgressVersions(ctx, 0, 2)
	if err != nil {
		return err
	}
	if len(page.Items) < 2 {
		return usageError("there are no two versions to compare yet; name a policy file, such as: cordon egress policy diff new.yaml")
	}
	c.From = strconv.FormatInt(page.Items[1].Version, 10)
	return nil
}

// difference is one thing that two policies do not share.
type difference struct {
	Kind string `json:"kind"` // added, removed, changed
	What string `json:"what"`
	Text string `json:"text"`
}

func diffLines(w io.Writer, all []difference) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no difference")
		return err
	}
	for _, d := range all {
		if _, err := fmt.Fprintf(w, "%-8s %s: %s\n", d.Kind, oneLine(d.What), oneLine(d.Text)); err != nil {
			return err
		}
	}
	return nil
}

// policyNamed is a version, a file, or with an empty name the policy in force.
func policyNamed(ctx context.Context, cl *client.Client, name string) (*policy.Policy, error) {
	if name == "" {
		return inForce(ctx, cl)
	}
	if number, err := strconv.ParseInt(name, 10, 64); err == nil && !isFile(name) {
		v, err := cl.EgressVersion(ctx, number)
		if notFound(err) {
			return nil, codeError{exitRuntime, "there is no version " + name + " and no file of that name; cordon egress policy history lists the versions"}
		}
		if err != nil {
			return nil, err
		}
		return parsePolicy("version "+name, []byte(v.Document))
	}
	if !isFile(name) {
		return nil, usageError("%s is neither a version's number nor a file; cordon egress policy history lists the versions", name)
	}
	document, err := readBounded(name, maxPolicyFile)
	if err != nil {
		return nil, err
	}
	return parsePolicy(name, document)
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

type policyHistoryCmd struct {
	Limit int `default:"50" help:"At most so many, newest first."`
}

func (c *policyHistoryCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 || c.Limit > 500 {
		return usageError("--limit %d: give a number from 1 to 500", c.Limit)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		page, err := cl.EgressVersions(ctx, 0, c.Limit)
		if err != nil {
			return err
		}
		return emitList(s, page.Items, func(w io.Writer) error {
			rows := make([][]string, len(page.Items))
			for i, v := range page.Items {
				rows[i] = []string{strconv.FormatInt(v.Version, 10), day(&v.Time), v.Author, v.Origin, v.Reason}
			}
			return table(w, []string{"VERSION", "TIME", "AUTHOR", "ORIGIN", "REASON"}, rows)
		})
	})
}

type policyRollbackCmd struct {
	Version int64  `arg:"" help:"The version to go back to."`
	Reason  string `default:"rolled back from the command line" help:"Why; kept with the version and in the audit log."`
}

func (c *policyRollbackCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		p, err := cl.EgressRollback(ctx, api.EgressRollbackRequest{Version: c.Version, Reason: c.Reason})
		if err != nil {
			return err
		}
		return emitVersion(s, p)
	})
}
