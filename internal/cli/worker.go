package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type workerCmd struct {
	List  workerListCmd  `cmd:"" help:"List the workers of all nodes and how they fare."`
	Stop  workerStopCmd  `cmd:"" help:"Stop a worker until it is started or its node restarts."`
	Start workerStartCmd `cmd:"" help:"Start a stopped worker again."`
}

type workerListCmd struct{}

func (workerListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		workers, err := cl.Workers(ctx)
		if err != nil {
			return err
		}
		return emitList(s, workers, func(w io.Writer) error {
			rows := make([][]string, len(workers))
			for i, one := range workers {
				rows[i] = []string{one.Name, one.Node, one.State, day(&one.Since), strconv.Itoa(one.Restarts), one.Detail}
			}
			return table(w, []string{"NAME", "NODE", "STATE", "SINCE", "RESTARTS", "DETAIL"}, rows)
		})
	})
}

// workerArgs say which worker, and why.
type workerArgs struct {
	Name   string `arg:"" help:"The worker's name, as worker list shows it."`
	Reason string `required:"" help:"Why; kept in the audit log."`
	Node   string `help:"Which node's, when several have it."`
}

func (a workerArgs) request() api.WorkerRequest {
	return api.WorkerRequest{Reason: a.Reason, Node: a.Node}
}

type workerStopCmd struct {
	workerArgs `embed:""`
}

func (c *workerStopCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		w, err := cl.WorkerStop(ctx, c.Name, c.request())
		return emitWorker(s, w, err)
	})
}

type workerStartCmd struct {
	workerArgs `embed:""`
}

func (c *workerStartCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(cl *client.Client) error {
		w, err := cl.WorkerStart(ctx, c.Name, c.request())
		return emitWorker(s, w, err)
	})
}

func emitWorker(s *session, one api.Worker, err error) error {
	if err != nil {
		return err
	}
	return emit(s, one, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s of %s is %s\n", printable(one.Name), printable(one.Node), one.State)
		return err
	})
}
