package api

import (
	"context"
	"net/http"
	"time"
)

type egressChecksOutput struct{ Body EgressChecks }

// egressChecks looks at what only the node can look at. It makes no certificate, and
// one does it at a time: it sends questions to other name servers.
func (s *server) egressChecks(ctx context.Context, _ *struct{}) (*egressChecksOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if !s.probing.TryLock() {
		return nil, retryAfter(problem(http.StatusConflict, "somebody looks at the same moment; try again"), time.Second)
	}
	defer s.probing.Unlock()
	out := EgressChecks{Authority: e.Authority.Look(), NameServers: []EgressNameServer{}}
	if e.Names != nil {
		out.NameServers = append(out.NameServers, e.Names(ctx)...)
	}
	return &egressChecksOutput{out}, nil
}
