package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/service"
)

// Deception is what the API shows of the deception sensor.
type Deception struct {
	Deckies   DeckyStore     // Mandatory.
	Evidence  EvidenceReader // Mandatory.
	Caught    CatchReader    // Mandatory.
	Reveal    EvidenceStore  // Mandatory.
	Attackers AttackerReader // Mandatory.
	Trails    TrailReader    // Mandatory.
	Node      string         // Mandatory. This node's name, as in rows of deckies.
	// Check says what is wrong with deckies that this node is to have. If nil, it
	// takes none: its sensor is off.
	Check func([]deception.Spec) error
}

// deckyList is the kind of the list, in its cursors.
const deckyList = "d1"

// errNoDeception is the answer where the sensor is off.
func errNoDeception() error {
	return problem(http.StatusConflict, "this node has no deception sensor; add the section deception to its configuration, it may be empty")
}

type listDeckiesInput struct {
	PageQuery
	Node  string `query:"node" maxLength:"128" doc:"Only of this node."`
	State string `query:"state" enum:"running,degraded,failed,stopped" doc:"Only in this state."`
}

type deckyPageOutput struct{ Body DeckyPage }

func (s *server) listDeckies(ctx context.Context, in *listDeckiesInput) (*deckyPageOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	page, err := in.page(deckyList)
	if err != nil {
		return nil, err
	}
	rows, err := s.Deception.Deckies.ListDeckies(ctx, deception.Filter{Node: in.Node, State: deception.State(in.State)}, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(deckyList, in.Limit, rows, func(r deception.Row) string { return r.ID })
	return &deckyPageOutput{DeckyPage{Items: convert(rows, deckyOut), NextCursor: next}}, nil
}

// DeckyPath names a decky.
type DeckyPath struct {
	Name string `path:"name" maxLength:"64" doc:"The decky's name."`
	Node string `query:"node" maxLength:"128" doc:"Its node. Default: the one that answers."`
}

type deckyOutput struct{ Body Decky }

func (s *server) getDecky(ctx context.Context, in *DeckyPath) (*deckyOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	row, err := s.Deception.Deckies.Decky(ctx, s.nodeOr(in.Node), in.Name)
	if err != nil {
		return nil, s.ofDecky(err, in.Name, in.Node)
	}
	return &deckyOutput{deckyOut(row)}, nil
}

type addDeckyInput struct{ Body NewDecky }

func (s *server) addDecky(ctx context.Context, in *addDeckyInput) (*deckyOutput, error) {
	d := s.Deception
	if d == nil || d.Check == nil {
		return nil, errNoDeception()
	}
	spec := deception.Spec{
		Name: in.Body.Name, Archetype: in.Body.Archetype, Hostname: in.Body.Hostname, Domain: in.Body.Domain, Address: in.Body.Address,
		Services: servicesIn(in.Body.Services), Rotate: servicesIn(in.Body.Rotate), MutateEvery: time.Duration(in.Body.Every) * time.Second,
	}
	if err := d.Check([]deception.Spec{spec}); err != nil {
		return nil, problem(http.StatusUnprocessableEntity, "%s", err.Error())
	}
	if err := d.Deckies.AddDecky(ctx, d.Node, spec, s.act(ctx, "decky.add", in.Body.Name, in.Body.Reason)); err != nil {
		return nil, s.ofDecky(err, in.Body.Name, "")
	}
	row, err := d.Deckies.Decky(ctx, d.Node, spec.Name)
	if err != nil {
		return nil, s.ofDecky(err, spec.Name, "")
	}
	return &deckyOutput{deckyOut(row)}, nil
}

func servicesIn(all []NewDeckyService) (out []deception.ServiceSpec) {
	for _, v := range all {
		out = append(out, deception.ServiceSpec{Kind: v.Kind, Port: v.Port, Config: service.Config(v.Config)})
	}
	return out
}

type mutateDeckyInput struct {
	DeckyPath
	Body MutateRequest
}

func (s *server) mutateDecky(ctx context.Context, in *mutateDeckyInput) (*deckyOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	if err := s.Deception.Deckies.MutateDecky(ctx, s.nodeOr(in.Node), in.Name, s.act(ctx, "decky.mutate", in.Name, in.Body.Reason)); err != nil {
		return nil, s.ofDecky(err, in.Name, in.Node)
	}
	return s.getDecky(ctx, &in.DeckyPath)
}

type removeDeckyInput struct {
	DeckyPath
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit log."`
}

func (s *server) removeDecky(ctx context.Context, in *removeDeckyInput) (*struct{}, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	err := s.Deception.Deckies.RemoveDecky(ctx, s.nodeOr(in.Node), in.Name, s.act(ctx, "decky.remove", in.Name, in.Reason))
	return nil, s.ofDecky(err, in.Name, in.Node)
}

func (s *server) nodeOr(node string) string { return cmp.Or(node, s.Deception.Node) }

// ofDecky turns what is refused into what the caller may know.
func (s *server) ofDecky(err error, name, node string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, deception.ErrNotFound):
		return problem(http.StatusNotFound, "node %s has no decky %s; GET /api/v1/deckies lists all", s.nodeOr(node), name)
	case errors.Is(err, deception.ErrExists), errors.Is(err, deception.ErrConfigured), errors.Is(err, deception.ErrMutating):
		return problem(http.StatusConflict, "decky %s: %s", name, err)
	}
	return fmt.Errorf("decky: %w", err)
}

func deckyOut(r deception.Row) Decky {
	return Decky{
		ID: r.ID, Name: r.Name, Node: r.Node, Archetype: r.Archetype, Hostname: r.Hostname, Distro: r.Distro, Address: r.Address,
		State: string(r.State), Detail: r.Detail, Since: utc(r.Since), HeardAt: utc(r.HeardAt), Configured: r.Configured, AddedBy: r.AddedBy,
		Services: convert(r.Services, func(v deception.ServiceStatus) DeckyService {
			return DeckyService{Kind: v.Kind, Port: v.Port, Listening: v.Listening, Detail: v.Detail, Clients: v.Clients, Sessions: v.Sessions, Refused: v.Refused}
		}),
		Generation: r.Generation, LastMutated: utcUnlessZero(r.MutatedAt), Mutating: r.Mutating, MutateEvery: int64(r.MutateEvery / time.Second), NextMutation: utcUnlessZero(r.NextMutation),
	}
}

func utcUnlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(utc(t))
}

// deckyRoutes lists the operations on deckies.
func (s *server) deckyRoutes() {
	handle(s, route{call: "GET /deckies", gate: viewer, id: "listDeckies", tag: "deception", summary: "List the deckies of all nodes", errors: []int{409}}, s.listDeckies)
	handle(s, route{call: "GET /deckies/{name}", gate: viewer, id: "getDecky", tag: "deception", summary: "Show a decky", errors: []int{404, 409}}, s.getDecky)
	handle(s, route{call: "POST /deckies", gate: admin, id: "addDecky", tag: "deception", summary: "Add a decky to the node that answers",
		more: "It is opened within seconds, and again whenever the node starts. What is left out is invented, always the same for one name.", status: 201, errors: []int{409}}, s.addDecky)
	handle(s, route{call: "POST /deckies/{name}/mutate", gate: responder, id: "mutateDecky", tag: "deception", summary: "Make a decky another host of its kind",
		more:   "Its node does so within seconds: another host name, other users, keys and files, and perhaps other services. Ports that stay are open all the time. Whoever is on it may go on for five minutes, on the host that he knows.",
		status: 202, errors: []int{404, 409}}, s.mutateDecky)
	handle(s, route{call: "DELETE /deckies/{name}", gate: admin, id: "removeDecky", tag: "deception", summary: "Remove a decky that somebody added",
		more: "Its clients are cut off; what was recorded of them stays.", errors: []int{404, 409}}, s.removeDecky)
}
