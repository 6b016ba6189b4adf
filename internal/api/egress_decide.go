package api

import (
	"context"
	"net/http"
	"net/netip"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/httpx"
)

// EgressQuestion is what a program asks before it sends, with what the kernel says
// of the program.
type EgressQuestion struct {
	EgressDecideRequest
	Address netip.Addr
	UID     uint32
	PID     int // 0: it did not ask through the control socket
}

type decideInput struct{ Body EgressDecideRequest }

type decideOutput struct{ Body EgressDecideAnswer }

// decide answers a program that guards itself with guard/egress.
func (s *server) decide(ctx context.Context, in *decideInput) (*decideOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if e.Ask == nil {
		return nil, problem(http.StatusConflict, "no server runs, so nobody decides; start cordon serve")
	}
	q := EgressQuestion{EgressDecideRequest: in.Body}
	if in.Body.Address != "" {
		if q.Address, err = netip.ParseAddr(in.Body.Address); err != nil {
			return nil, invalid("body.address", "is no address")
		}
	}
	if in.Body.Protocol != "" && !policy.Protocol(in.Body.Protocol).Known() {
		return nil, invalid("body.protocol", "is no protocol that this version tells apart")
	}
	if peer, ok := httpx.PeerOf(ctx); ok {
		q.UID, q.PID = peer.UID, int(peer.PID)
	}
	d := e.Ask(ctx, q)
	return &decideOutput{decideAnswer(d)}, nil
}

func decideAnswer(d policy.Decision) EgressDecideAnswer {
	return EgressDecideAnswer{
		Result: string(d.Result), Reason: string(d.Reason), Rule: d.RuleID, Detail: d.Detail, Default: d.Default, Would: string(d.Would), AllowCommand: d.AllowCommand,
	}
}
