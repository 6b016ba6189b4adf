package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/egress/watch"
)

// EndpointReader reads what programs asked for.
type EndpointReader interface {
	ListEndpoints(ctx context.Context, f watch.Filter, p archive.Page) ([]watch.Endpoint, error)
	// Endpoint is watch.ErrNoEndpoint when there is none with the id.
	Endpoint(ctx context.Context, id string) (watch.Endpoint, error)
	// EndpointQueue counts the endpoints that wait for review, and those that
	// made way for newer ones.
	EndpointQueue(ctx context.Context) (waits, folded int64, err error)
}

// EndpointStore reads and reviews what programs asked for.
type EndpointStore interface {
	EndpointReader
	// ReviewEndpoint stores a review and its audit entry.
	ReviewEndpoint(ctx context.Context, id string, r watch.Review, by audit.Entry) (watch.Endpoint, error)
	// Programs returns at most limit, those that asked last first.
	Programs(ctx context.Context, limit int) ([]watch.Program, error)
}

const (
	actionEndpointReview = "egress.endpoint.review"
	// endpointList is the kind of the list, in its cursors.
	endpointList = "n1"
)

type listEndpointsInput struct {
	PageQuery
	State   string `query:"state" enum:"new,reviewed" doc:"Only those that wait for review (new), or those that were reviewed."`
	Program string `query:"program" maxLength:"512" doc:"Only of exactly this executable."`
	Host    string `query:"host" maxLength:"253" doc:"Only exactly this host."`
}

type endpointPageOutput struct{ Body EgressEndpointPage }

func (s *server) listEndpoints(ctx context.Context, in *listEndpointsInput) (*endpointPageOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	p, err := in.page(endpointList)
	if err != nil {
		return nil, err
	}
	rows, err := e.Endpoints.ListEndpoints(ctx, watch.Filter{State: in.State, Program: in.Program, Host: in.Host}, archive.Page{Limit: p.Limit, After: p.After})
	if err != nil {
		return nil, err
	}
	page := EgressEndpointPage{}
	if page.Waiting, page.Folded, err = e.Endpoints.EndpointQueue(ctx); err != nil {
		return nil, err
	}
	rows, page.NextCursor = nextPage(endpointList, in.Limit, rows, func(p watch.Endpoint) string { return p.ID })
	page.Items = convert(rows, egressEndpoint)
	return &endpointPageOutput{page}, nil
}

func egressEndpoint(p watch.Endpoint) EgressEndpoint {
	out := EgressEndpoint{
		ID: p.ID, Node: p.Node, State: watch.StateNew, Program: p.Program, Host: p.Host, Port: p.Port, Address: p.Address, Protocol: p.Protocol,
		FirstSeen: utc(p.FirstSeen), LastSeen: utc(p.LastSeen), Allowed: p.Allowed, Denied: p.Denied, BytesOut: p.BytesOut, BytesIn: p.BytesIn,
		LastDecision: p.LastDecision, LastReason: p.LastReason, LastRule: p.LastRule,
	}
	if r := p.Review; r != nil {
		at, verdict := utc(r.At), string(r.Verdict)
		out.State, out.Verdict, out.Note, out.ReviewedBy, out.ReviewedAt = watch.StateReviewed, &verdict, r.Note, r.By, &at
	}
	return out
}

type getEndpointInput struct {
	ID          string `path:"id" format:"uuid" doc:"The endpoint's id."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"256" doc:"The ETag of what the caller has; 304 when it is still that."`
}

type endpointOutput struct {
	ETag string `header:"ETag" doc:"Changes with every review."`
	Body EgressEndpoint
}

func (s *server) getEndpoint(ctx context.Context, in *getEndpointInput) (*endpointOutput, error) {
	p, err := s.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := notModified(in.IfNoneMatch, endpointTag(p)); err != nil {
		return nil, err
	}
	return endpointOut(p), nil
}

func endpointOut(p watch.Endpoint) *endpointOutput {
	return &endpointOutput{ETag: endpointTag(p), Body: egressEndpoint(p)}
}

// endpointTag names the version of an endpoint. Counts do not change it: a
// judgement does not rest on how often somebody asked.
func endpointTag(p watch.Endpoint) string {
	parts := []string{p.ID}
	if r := p.Review; r != nil {
		parts = append(parts, string(r.Verdict), r.Note, r.By, utc(r.At).Format(time.RFC3339Nano))
	}
	return `"` + digest(parts...)[:32] + `"`
}

func (s *server) endpoint(ctx context.Context, id string) (watch.Endpoint, error) {
	e, err := s.sensor()
	if err != nil {
		return watch.Endpoint{}, err
	}
	p, err := e.Endpoints.Endpoint(ctx, strings.ToLower(id))
	if errors.Is(err, watch.ErrNoEndpoint) {
		return p, problem(http.StatusNotFound, "there is no endpoint %s; it may have made way for newer ones", id)
	}
	return p, err
}

type reviewEndpointInput struct {
	ID      string `path:"id" format:"uuid" doc:"The endpoint's id."`
	Key     string `header:"Idempotency-Key" maxLength:"128" doc:"Any unique text: a repeat with the same one gets the first answer again."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the judgement rests on; 412 when somebody was faster."`
	Body    EgressEndpointReview
}

func (s *server) reviewEndpoint(ctx context.Context, in *reviewEndpointInput) (*endpointOutput, error) {
	note, err := s.reason(in.Body.Reason)
	if err != nil {
		return nil, err
	}
	who, _ := auth.PrincipalFrom(ctx)
	verdict := watch.Verdict(in.Body.Verdict)
	if verdict.Changes() && !who.Role.Includes(auth.Admin) {
		return nil, problem(http.StatusForbidden, "this verdict changes the policy, which only an admin may, and %s has the role %s; deny changes none", who.Label(), who.Role)
	}
	do := func() (*endpointOutput, error) {
		return s.judgeEndpoint(ctx, who, in, watch.Review{Verdict: verdict, Note: note, By: who.Label(), At: s.Clock.Now().UTC().Truncate(time.Microsecond)})
	}
	if in.Key == "" {
		return do()
	}
	return s.endpoints.once(ctx, who.Label()+" "+in.Key, digest(in.ID, in.Body.Verdict, note), do)
}

// judgeEndpoint changes the policy and stores the review, under one lock: of two
// people who judge the same version one gets 412. The policy is first: a review
// without its rule would look done, a rule without its review waits for a
// second look, which then finds the rule there.
func (s *server) judgeEndpoint(ctx context.Context, who auth.Principal, in *reviewEndpointInput, r watch.Review) (*endpointOutput, error) {
	s.endpoints.one.Lock()
	defer s.endpoints.one.Unlock()
	before, err := s.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := restsOn(in.IfMatch, endpointTag(before), "the endpoint was reviewed"); err != nil {
		return nil, err
	}
	if r.Verdict.Changes() {
		if err := s.draftRule(ctx, before, r, who.Act(r.At, actionPolicyEdit, s.Node, r.Note)); err != nil {
			return nil, err
		}
	}
	after, err := s.Egress.Endpoints.ReviewEndpoint(ctx, before.ID, r, who.Act(r.At, actionEndpointReview, before.ID, r.Note))
	if err != nil {
		return nil, err
	}
	return endpointOut(after), nil
}

// draftRule writes the rule of a review into the policy of this node, unless it
// is there.
func (s *server) draftRule(ctx context.Context, p watch.Endpoint, r watch.Review, by audit.Entry) error {
	if own, _, _ := strings.Cut(s.Node, "/"); p.Node != own {
		return problem(http.StatusConflict, "the endpoint was seen by the node %s, which has a policy of its own: review it there", p.Node)
	}
	rule, err := r.Rule(p)
	if err != nil {
		return problem(http.StatusUnprocessableEntity, "%s", err)
	}
	reason := fmt.Sprintf("review of %s: %s", watch.Target(p.Host, p.Port), r.Note)
	_, err = s.Egress.Policies.Edit(ctx, policies.Decision{By: by, Reason: reason}, policy.AddRule(rule))
	var bad *policies.InvalidError
	switch {
	case errors.Is(err, policy.ErrThere):
		return nil
	case errors.As(err, &bad):
		return problem(http.StatusUnprocessableEntity, "the policy does not take a rule for %s: %s", watch.Target(p.Host, p.Port), clipped(bad.Error()))
	}
	return err
}

type programListOutput struct{ Body EgressProgramList }

func (s *server) listPrograms(ctx context.Context, in *destinationsInput) (*programListOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	all, err := e.Endpoints.Programs(ctx, in.Limit)
	if err != nil {
		return nil, err
	}
	return &programListOutput{EgressProgramList{Items: convert(all, func(p watch.Program) EgressProgram { return EgressProgram(p) })}}, nil
}
