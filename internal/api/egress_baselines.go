package api

import (
	"context"

	"go.cordon.dev/cordon/internal/egress/watch"
)

// BaselineReader reads what is usual for programs and hosts.
type BaselineReader interface {
	// ListBaselines returns at most limit, those that changed last first.
	ListBaselines(ctx context.Context, w watch.Which, limit int) ([]watch.Stored, error)
}

type baselinesInput struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most that are listed."`
	Node    string `query:"node" maxLength:"127" doc:"Only what this node learned."`
	Program string `query:"program" maxLength:"512" doc:"Only of exactly this executable."`
	Host    string `query:"host" maxLength:"253" doc:"Only of exactly this host."`
}

type baselineListOutput struct{ Body EgressBaselineList }

func (s *server) listBaselines(ctx context.Context, in *baselinesInput) (*baselineListOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	rows, err := e.Baselines.ListBaselines(ctx, watch.Which{Node: in.Node, Program: in.Program, Host: in.Host}, in.Limit)
	if err != nil {
		return nil, err
	}
	out := EgressBaselineList{Items: make([]EgressBaseline, 0, len(rows))}
	for _, r := range rows {
		b, err := watch.Read(r.Saved)
		if err != nil { // it is learned anew by the next start
			s.Log.WarnContext(ctx, "a stored baseline cannot be read", "program", r.Program, "host", r.Host, "error", err)
			out.Unreadable++
			continue
		}
		out.Items = append(out.Items, egressBaseline(r, b))
	}
	return &baselineListOutput{out}, nil
}

func egressBaseline(r watch.Stored, b watch.Baseline) EgressBaseline {
	out := EgressBaseline{
		Node: r.Node, Program: b.Program, Host: b.Host, Since: b.Since, Until: b.Until, SpeaksFrom: b.Speaks, Speaks: !b.Until.Before(b.Speaks),
		Hours: make([]EgressUsualHour, len(b.Hours)), Today: b.Today, DayLimit: b.Most,
		Days: convert(b.Days, func(d watch.Day) EgressDaySum { return EgressDaySum{Day: d.Begin.Format("2006-01-02"), Bytes: d.Bytes} }),
		Told: convert(b.Told, func(w watch.Telling) EgressTelling { return EgressTelling(w) }),
	}
	for h, usual := range b.Hours {
		out.Hours[h] = EgressUsualHour{Bytes: EgressUsual(usual.Bytes), Requests: EgressUsual(usual.Requests)}
	}
	return out
}
