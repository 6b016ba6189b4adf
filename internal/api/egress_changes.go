package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/auth"
)

// The bounds of who waits for a change.
const (
	waitMost     = 50 * time.Second           // of one request
	waitDeadline = waitMost + requestDeadline // of its operation
	waitsAll     = 1024                       // at a time
	waitsPerUser = 256                        // of them for one caller: each server of MCP that an agent starts is one
)

type egressChangesInput struct {
	Seen string `query:"seen" maxLength:"64" doc:"The mark of the answer that the caller has; empty: it has none, and is answered at once."`
	Wait int    `query:"wait" minimum:"0" maximum:"50" default:"0" doc:"Seconds to wait for something else than what was seen."`
}

type egressNowOutput struct{ Body EgressNow }

// egressChanges answers as soon as something is different from what the caller has seen,
// or when it has waited long enough. It rests on no store.
func (s *server) egressChanges(ctx context.Context, in *egressChangesInput) (*egressNowOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if e.Switch == nil || e.Changed == nil {
		return nil, problem(http.StatusConflict, "no server runs here, so nothing will change; start one with: cordon serve")
	}
	who, _ := auth.PrincipalFrom(ctx)
	if err := s.waits.open(who.Label()); err != nil {
		return nil, err
	}
	defer s.waits.done(who.Label())
	enough := s.Clock.After(time.Duration(in.Wait) * time.Second)
	for {
		changed := e.Changed() // before it is looked at, so that nothing changes in between
		now := e.now()
		if now.Mark != in.Seen {
			return &egressNowOutput{now}, nil
		}
		select {
		case <-changed:
		case <-enough:
			return &egressNowOutput{now}, nil
		case <-s.waits.ctx.Done():
			return nil, retryAfter(problem(http.StatusServiceUnavailable, "the server is stopping"), time.Second)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// now is what decides about everything that is to go out.
func (e *Egress) now() EgressNow {
	out := EgressNow{KillSwitch: e.Switch.KillSwitch()}
	hash := ""
	if v, err := e.Policies.Current(); err == nil { // else there is none
		out.Version, hash = v.Number, v.Hash
	}
	since := ""
	if t := out.KillSwitch.Since; t != nil {
		since = utc(*t).Format(time.RFC3339Nano)
	}
	out.Mark = digest(strconv.FormatBool(out.KillSwitch.Active), since, strconv.FormatInt(out.Version, 10), hash)[:32]
	return out
}
