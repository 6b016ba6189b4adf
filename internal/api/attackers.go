package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/event"
)

// The kinds of lists, in their cursors, and how much of a reuse or a way is shown.
const (
	attackersByTime  = "at1"
	attackersByScore = "as1"
	reuseList        = "r1"
	reusePlaces      = 200
	longestWay       = 500
)

// placeForm is what the places of these lists look like.
var placeForm = regexp.MustCompile(`^-?[0-9]{1,19}_[0-9a-f-]{36}$`)

// placeAfter reads the cursor of a list that is not in the order of ids.
func (q PageQuery) placeAfter(kind string) (string, error) {
	if q.Cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	place, ours := strings.CutPrefix(string(b), kind+":")
	if err != nil || !ours || !placeForm.MatchString(place) {
		return "", invalid("query.cursor", "is not a next_cursor of this list; leave it out for the first page")
	}
	return place, nil
}

func cursorOf(kind, place string) *string {
	if place == "" {
		return nil
	}
	c := encodeCursor(kind, place)
	return &c
}

type listAttackersInput struct {
	PageQuery
	Order    string `query:"order" enum:"time,score" default:"time" doc:"time: the one that came last first. score: the gravest first."`
	MinScore int    `query:"min_score" minimum:"0" maximum:"100" doc:"Only with this score or more."`
}

type attackerPageOutput struct{ Body AttackerPage }

func (s *server) listAttackers(ctx context.Context, in *listAttackersInput) (*attackerPageOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	kind := attackersByTime
	if in.Order == string(attacker.ByScore) {
		kind = attackersByScore
	}
	after, err := in.placeAfter(kind)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Deception.Attackers.Attackers(ctx, attacker.Filter{Order: attacker.Order(in.Order), MinScore: in.MinScore}, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return &attackerPageOutput{AttackerPage{Items: convert(rows, attackerOut), NextCursor: cursorOf(kind, next)}}, nil
}

// AttackerPath names an attacker in a path.
type AttackerPath struct {
	ID string `path:"id" maxLength:"64" doc:"The attacker's id, or the address they came from."`
}

// attacker finds one by id or address.
func (s *server) attacker(ctx context.Context, name string) (attacker.Attacker, error) {
	if s.Deception == nil {
		return attacker.Attacker{}, errNoDeception()
	}
	a, err := s.Deception.Attackers.Attacker(ctx, attackerID(name))
	if errors.Is(err, attacker.ErrNotFound) {
		return a, problem(http.StatusNotFound, "there is no attacker %s; GET /api/v1/attackers lists all", name)
	}
	return a, err
}

func attackerID(name string) string {
	if a, err := netip.ParseAddr(name); err == nil {
		return event.AttackerID(a)
	}
	return strings.ToLower(name)
}

type attackerOutput struct{ Body AttackerDetail }

func (s *server) getAttacker(ctx context.Context, in *AttackerPath) (*attackerOutput, error) {
	a, err := s.attacker(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	places, err := s.Deception.Trails.Services(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("services of an attacker: %w", err)
	}
	leaks, err := s.Deception.Trails.Leaks(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("addresses of an attacker: %w", err)
	}
	out := AttackerDetail{Attacker: attackerOut(a), Terms: convert(a.Terms(), termOut), IPLeaks: convert(leaks.Sample, leakOut), IPLeaksTotal: leaks.Total, Rotation: leaks.Rotation, Scanned: []AttackerService{}, InteractedWith: []AttackerService{}}
	for _, p := range places {
		if p.Interactions > 0 {
			out.InteractedWith = append(out.InteractedWith, placeOut(p))
		} else {
			out.Scanned = append(out.Scanned, placeOut(p))
		}
	}
	return &attackerOutput{out}, nil
}

type traversalOutput struct{ Body Traversal }

func (s *server) traversal(ctx context.Context, in *AttackerPath) (*traversalOutput, error) {
	a, err := s.attacker(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	way, err := s.Deception.Trails.Traversal(ctx, a.ID, longestWay)
	if err != nil {
		return nil, fmt.Errorf("the way of an attacker: %w", err)
	}
	return &traversalOutput{Traversal{Hops: convert(way.Hops, hopOut), Mutations: convert(way.Mutations, mutationOut)}}, nil
}

type listReuseInput struct {
	PageQuery
	Fingerprint string `query:"fingerprint" maxLength:"128" doc:"Only this secret."`
	MinTargets  int    `query:"min_targets" minimum:"0" maximum:"1000000" doc:"Only what was tried on so many services or more."`
}

type reusePageOutput struct{ Body ReusePage }

func (s *server) listReuse(ctx context.Context, in *listReuseInput) (*reusePageOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	after, err := in.placeAfter(reuseList)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Deception.Attackers.Reuse(ctx, attacker.ReuseFilter{Fingerprint: in.Fingerprint, MinTargets: in.MinTargets}, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return &reusePageOutput{ReusePage{Items: convert(rows, reuseOut), NextCursor: cursorOf(reuseList, next)}}, nil
}

// ReusePath names a reuse in a path.
type ReusePath struct {
	ID string `path:"id" format:"uuid" doc:"The reuse's id."`
}

type reuseOutput struct{ Body ReuseDetail }

func (s *server) getReuse(ctx context.Context, in *ReusePath) (*reuseOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	r, places, err := s.Deception.Attackers.ReusedSecret(ctx, strings.ToLower(in.ID), reusePlaces)
	if errors.Is(err, attacker.ErrNotFound) {
		return nil, problem(http.StatusNotFound, "there is no reuse %s; GET /api/v1/credential-reuse lists all", in.ID)
	}
	if err != nil {
		return nil, err
	}
	targets := convert(places.Targets, func(t attacker.Target) ReuseTarget { return ReuseTarget{Decky: t.Decky, Service: t.Service} })
	return &reuseOutput{ReuseDetail{Reuse: reuseOut(r), Places: targets, From: orEmpty(places.Addresses)}}, nil
}

func attackerOut(a attacker.Attacker) Attacker {
	return Attacker{
		ID: a.ID, Address: a.Address.String(), FirstSeen: utc(a.FirstSeen), LastSeen: utc(a.LastSeen), Days: a.Days, Sessions: a.Sessions, Deckies: a.Deckies,
		Services: a.Services, Interacted: a.Interacted, Logins: a.Logins, Leaked: a.Leaked, Score: a.Score,
	}
}

func termOut(t attacker.Term) ScoreTerm { return ScoreTerm{Term: t.Name, Points: t.Points, Why: t.Why} }

func leakOut(l attacker.Leak) IPLeak {
	return IPLeak{Address: l.Address, Header: l.Header, Decky: l.Decky, Session: l.Session, FirstSeen: utc(l.FirstSeen), LastSeen: utc(l.LastSeen), Times: l.Times}
}

func placeOut(p attacker.Place) AttackerService {
	return AttackerService{Service: p.Service, FirstSeen: utc(p.FirstSeen), LastSeen: utc(p.LastSeen), Events: p.Events, Interactions: p.Interactions}
}

func hopOut(h attacker.Hop) Hop {
	return Hop{Decky: h.Decky, Services: orEmpty(h.Services), Sessions: orEmpty(h.Sessions), EnteredAt: utc(h.EnteredAt), LeftAt: utcOrNull(h.LeftAt)}
}

func mutationOut(m attacker.Mutation) WayMutation {
	return WayMutation{Decky: m.Decky, At: utc(m.At), Trigger: m.Trigger, OldServices: m.OldServices, NewServices: m.NewServices}
}

func reuseOut(r attacker.Reuse) Reuse {
	return Reuse{ID: r.ID, Fingerprint: r.Fingerprint, Kind: r.Kind, Targets: r.Targets, Addresses: r.Addresses, Leaked: r.Leaked, FirstSeen: utc(r.FirstSeen), LastSeen: utc(r.LastSeen)}
}

// attackerRoutes lists the operations on attackers.
func (s *server) attackerRoutes() {
	handle(s, route{call: "GET /attackers", gate: viewer, id: "listAttackers", tag: "deception", summary: "List who touched deckies", errors: []int{409}}, s.listAttackers)
	handle(s, route{call: "GET /attackers/{id}", gate: viewer, id: "getAttacker", tag: "deception", summary: "Show an attacker, what the score consists of, and what they gave away", errors: []int{404, 409}}, s.getAttacker)
	handle(s, route{call: "GET /attackers/{id}/traversal", gate: viewer, id: "getTraversal", tag: "deception", summary: "Show an attacker's way from decky to decky", errors: []int{404, 409}}, s.traversal)
	handle(s, route{call: "GET /credential-reuse", gate: viewer, id: "listCredentialReuse", tag: "deception", summary: "List secrets that were tried in several places, or by several addresses", errors: []int{409}}, s.listReuse)
	handle(s, route{call: "GET /credential-reuse/{id}", gate: viewer, id: "getCredentialReuse", tag: "deception", summary: "Show where a secret was tried, and by whom", errors: []int{404, 409}}, s.getReuse)
}
