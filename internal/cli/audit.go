package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type auditCmd struct {
	List       auditListCmd       `cmd:"" help:"List what was done, and by whom."`
	Verify     auditVerifyCmd     `cmd:"" help:"Prove that the audit log was not tampered with; exit code 1 when it was."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Sign the audit log as it is now and print the checkpoint, to keep elsewhere."`
}

type auditListCmd struct {
	Actor  string    `help:"Only of the actor with this name."`
	Action string    `help:"Only this action, or all of one object: user.*"`
	Target string    `help:"Only what was done to this."`
	From   time.Time `placeholder:"TIME" help:"Only at this time (RFC 3339) or later."`
	To     time.Time `placeholder:"TIME" help:"Only before this time."`
	Limit  int       `default:"50" help:"At most so many, newest first."`
}

func (c *auditListCmd) Run(ctx context.Context, s *session) error {
	q := client.AuditQuery{Actor: c.Actor, Action: c.Action, Target: c.Target, From: c.From, To: c.To}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.AuditRecord, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.AuditList(ctx, q)
		return p.Items, p.NextCursor, err
	}, auditTable)
}

func auditTable(w io.Writer, records []api.AuditRecord) error {
	rows := make([][]string, len(records))
	for i, r := range records {
		rows[i] = []string{strconv.FormatInt(r.Seq, 10), day(&r.Time), r.Actor.Kind + ":" + r.Actor.Name, r.Actor.Addr, r.Action, r.Target, r.Reason}
	}
	return table(w, []string{"SEQ", "TIME", "ACTOR", "FROM", "ACTION", "TARGET", "REASON"}, rows)
}

type auditVerifyCmd struct {
	Checkpoint string `placeholder:"FILE" help:"Also verify against a checkpoint that was kept in this file (- is standard input)."`
}

func (c *auditVerifyCmd) Run(ctx context.Context, s *session) error {
	against, err := c.against(s)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		r, err := cl.AuditVerify(ctx, against)
		if err != nil {
			return err
		}
		if err := emit(s, r, func(w io.Writer) error { return printReport(w, r) }); err != nil {
			return err
		}
		if !r.OK {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

// maxCheckpoint bounds the file, in bytes.
const maxCheckpoint = 64 << 10

func (c *auditVerifyCmd) against(s *session) (*api.AuditCheckpoint, error) {
	if c.Checkpoint == "" {
		return nil, nil
	}
	in := s.Stdin
	if c.Checkpoint != "-" {
		f, err := os.Open(c.Checkpoint)
		if err != nil {
			return nil, usageError("--checkpoint: %v", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	var out api.AuditCheckpoint
	d := json.NewDecoder(io.LimitReader(in, maxCheckpoint))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, usageError("--checkpoint %s is not what cordon audit checkpoint printed: %v", c.Checkpoint, err)
	}
	return &out, nil
}

func printReport(w io.Writer, r api.AuditReport) error {
	verdict := "ok: the audit log is whole"
	if !r.OK {
		verdict = "TAMPERED: the audit log is not what was written"
	}
	fmt.Fprintf(w, "%s\n  records      %d, the last is %d %s\n  checkpoints  %d, signed up to record %d\n", verdict, r.Records, r.LastSeq, r.LastHash, r.Checkpoints, r.SignedUpTo)
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  problem      %s: %s\n", p.Kind, oneLine(p.Detail))
	}
	if r.MoreProblems > 0 {
		fmt.Fprintf(w, "  and %s\n", plural(r.MoreProblems, "problem more", "problems more"))
	}
	for _, n := range r.NotProved {
		fmt.Fprintf(w, "  not proved   %s\n", n)
	}
	return nil
}

type auditCheckpointCmd struct{}

func (auditCheckpointCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		c, err := cl.AuditCheckpoint(ctx)
		if err != nil {
			return err
		}
		return emit(s, c, func(w io.Writer) error { return writeJSON(w, c, "  ") }) // always JSON: it is for a file
	})
}
