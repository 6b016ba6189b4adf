package api

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/auth"
)

// EgressAuthority is what the gateway of this node looks into TLS with.
type EgressAuthority interface {
	// Authority is its certificate, made if there is none yet.
	Authority() (EgressCA, error)
	// Look says whether there is one, and makes none.
	Look() EgressCAState
	// RotateAuthority replaces key and certificate, also those that are of no use.
	RotateAuthority() error
}

const actionAuthorityRotate = "egress.ca.rotate"

type egressCAOutput struct{ Body EgressCA }

func (s *server) egressCA(context.Context, *struct{}) (*egressCAOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	ca, err := e.Authority.Authority()
	if err != nil {
		return nil, err
	}
	return &egressCAOutput{ca}, nil
}

type rotateEgressCAInput struct{ Body EgressCARequest }

// rotateEgressCA is recorded before it is done: nothing is signed by a key that nobody
// answers for.
func (s *server) rotateEgressCA(ctx context.Context, in *rotateEgressCAInput) (*egressCAOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	reason, err := s.reason(in.Body.Reason)
	if err != nil {
		return nil, err
	}
	who, _ := auth.PrincipalFrom(ctx)
	if err := s.Audit.RecordAudit(ctx, who.Act(s.Clock.Now(), actionAuthorityRotate, s.Node, reason)); err != nil {
		return nil, fmt.Errorf("recording %s: %w", actionAuthorityRotate, err)
	}
	if err := e.Authority.RotateAuthority(); err != nil {
		return nil, err
	}
	return s.egressCA(ctx, nil)
}
