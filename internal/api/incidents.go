package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
)

// The kinds of lists, in their cursors, and how much of a timeline a detail has.
const (
	incidentList  = "i1"
	gravestList   = "g1" // of incidents
	timelineList  = "t1"
	shortTimeline = 200
)

type listIncidentsInput struct {
	PageQuery
	State       []string `query:"state,explode" enum:"triggered,acknowledged,resolved,ignored" nullable:"false" doc:"Only in these states; may repeat."`
	Severity    []string `query:"severity,explode" enum:"info,low,medium,high,critical" nullable:"false" doc:"Only of these severities; may repeat."`
	Assignee    string   `query:"assignee" maxLength:"64" doc:"Only of this person; @me: of the caller."`
	Fingerprint string   `query:"fingerprint" maxLength:"128" doc:"Only of this secret."`
	Snoozed     string   `query:"snoozed" enum:"true,false" doc:"true: only those that are put aside now; false: only the others."`
	Address     string   `query:"address" maxLength:"64" example:"203.0.113.9" doc:"Only of this source address; of IPv6 its /64 counts."`
	Sort        string   `query:"sort" enum:"gravest,newest" default:"gravest" doc:"gravest: open ones before closed ones, by severity, those of one severity newest first; newest: by when they were opened."`
}

type incidentPageOutput struct{ Body IncidentPage }

func (s *server) listIncidents(ctx context.Context, in *listIncidentsInput) (*incidentPageOutput, error) {
	f, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	before, err := incidentPlace(f.Order, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := s.Incidents.ListIncidents(ctx, f, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(listOf(f.Order), in.Limit, rows, f.Order.PlaceOf)
	return &incidentPageOutput{IncidentPage{Items: convert(rows, incidentOut), NextCursor: next}}, nil
}

func (in *listIncidentsInput) filter(ctx context.Context) (f incident.Filter, err error) {
	f = incident.Filter{Assignee: in.Assignee, Fingerprint: in.Fingerprint, Address: in.Address, Order: incident.Order(in.Sort)}
	if _, err := netip.ParseAddr(in.Address); in.Address != "" && err != nil {
		return f, invalid("query.address", "is not an address such as 203.0.113.9 or 2001:db8::9")
	}
	for _, state := range in.State {
		f.States = append(f.States, incident.State(state))
	}
	if in.Snoozed != "" {
		f.Snoozed = new(in.Snoozed == "true")
	}
	if f.Assignee == "@me" {
		who, _ := auth.PrincipalFrom(ctx)
		f.Assignee = who.Label()
	}
	f.Severities, err = severities(in.Severity)
	return f, err
}

// listOf is the kind of list that cursors of an order belong to.
func listOf(o incident.Order) string {
	if o == incident.Gravest {
		return gravestList
	}
	return incidentList
}

// incidentPlace reads a cursor of a list of incidents.
func incidentPlace(o incident.Order, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	place, err := placeIn(listOf(o), cursor)
	if err == nil {
		var of string
		if _, of, err = o.ReadPlace(place); err == nil {
			err = id.Check(of)
		}
	}
	if err != nil {
		return "", invalid("query.cursor", "is not a next_cursor of this list, sorted so; leave it out for the first page")
	}
	return place, nil
}

type openIncidentsOutput struct{ Body OpenIncidents }

func (s *server) openIncidents(ctx context.Context, _ *struct{}) (*openIncidentsOutput, error) {
	n, err := s.Incidents.OpenIncidents(ctx)
	if err != nil {
		return nil, err
	}
	out := OpenIncidents{Info: n[event.Info], Low: n[event.Low], Medium: n[event.Medium], High: n[event.High], Critical: n[event.Critical]}
	out.Total = out.Info + out.Low + out.Medium + out.High + out.Critical
	return &openIncidentsOutput{out}, nil
}

// IncidentPath names an incident in a path.
type IncidentPath struct {
	ID string `path:"id" format:"uuid" doc:"The incident's id."`
}

type incidentDetailOutput struct {
	ETag string `header:"ETag" doc:"Changes with every observation and act."`
	Body IncidentDetail
}

func (s *server) getIncident(ctx context.Context, in *IncidentPath) (*incidentDetailOutput, error) {
	i, err := s.Incidents.Incident(ctx, strings.ToLower(in.ID))
	if err != nil {
		return nil, ofIncident(err, in.ID)
	}
	d, err := s.Incidents.Digest(ctx, i.ID, shortTimeline)
	if err != nil {
		return nil, err
	}
	brief := briefOut(incident.BriefOf(i, d, s.recommend(i.Rule)))
	return &incidentDetailOutput{ETag: incidentTag(i), Body: IncidentDetail{
		Incident: incidentOut(i), Brief: brief, Timeline: convert(d.Lines, entryOut), Omitted: convert(d.Omitted, omittedOut),
	}}, nil
}

func briefOut(b incident.Brief) IncidentBrief {
	same := func(words string) string { return words }
	step := func(s incident.Step) IncidentStep { return IncidentStep{Words: s.Words, Command: s.Command} }
	return IncidentBrief{Happened: b.Happened, Got: convert(b.Got, same), Done: convert(b.Done, same), Next: convert(b.Next, step)}
}

type timelineInput struct {
	IncidentPath
	PageQuery
}

type timelineOutput struct{ Body IncidentTimelinePage }

func (s *server) incidentTimeline(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
	page, err := in.page(timelineList)
	if err != nil {
		return nil, err
	}
	i, err := s.Incidents.Incident(ctx, strings.ToLower(in.ID))
	if err != nil {
		return nil, ofIncident(err, in.ID)
	}
	rows, err := s.Incidents.Timeline(ctx, i.ID, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(timelineList, in.Limit, rows, func(e incident.Entry) string { return e.ID })
	return &timelineOutput{IncidentTimelinePage{Items: convert(rows, entryOut), NextCursor: next}}, nil
}

type actInput struct {
	IncidentPath
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the act rests on; 412 when the incident has changed."`
	Body    IncidentAct
}

type incidentOutput struct {
	ETag string `header:"ETag" doc:"Of the incident as it is now."`
	Body Incident
}

func (s *server) actOnIncident(ctx context.Context, in *actInput) (*incidentOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	a := incident.Act{Verb: incident.Verb(in.Body.Action), By: who.Label(), Reason: s.fit(in.Body.Reason), Assignee: in.Body.Assignee, Into: strings.ToLower(in.Body.Into)}
	if in.Body.Until != nil {
		a.Until = *in.Body.Until
	}
	incidentID := strings.ToLower(in.ID)
	if in.IfMatch != "" {
		now, err := s.Incidents.Incident(ctx, incidentID)
		if err != nil {
			return nil, ofIncident(err, in.ID)
		}
		if err := restsOn(in.IfMatch, incidentTag(now), "the incident has changed"); err != nil {
			return nil, err
		}
		if !anyVersion(in.IfMatch) {
			a.Version = now.Version // compared again when it is stored
		}
	}
	i, err := s.Incidents.ActOnIncident(ctx, incidentID, a, s.act(ctx, "incident."+in.Body.Action, incidentID, in.Body.Reason), s.Node+"/api")
	if err != nil {
		return nil, ofIncident(err, in.ID)
	}
	return &incidentOutput{ETag: incidentTag(i), Body: incidentOut(i)}, nil
}

func incidentTag(i incident.Incident) string { return `"` + strconv.FormatInt(i.Version, 10) + `"` }

// ofIncident turns what is refused into what the caller may know.
func ofIncident(err error, id string) error {
	var refused *incident.ActError
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return problem(http.StatusNotFound, "there is no incident %s; GET /api/v1/incidents lists all", id)
	case errors.Is(err, incident.ErrVersion):
		return problem(http.StatusPreconditionFailed, "the incident has changed since you read it; read it again")
	case errors.As(err, &refused):
		return problem(http.StatusConflict, "incident %s: %s", id, refused.Problem)
	}
	return fmt.Errorf("incident: %w", err)
}

func incidentOut(i incident.Incident) Incident {
	return Incident{
		ID: i.ID, Title: i.Title, Severity: i.Severity.String(), State: string(i.State), Join: i.Join,
		Sensors: convert(i.Sensors, func(s incident.Sensor) string { return string(s) }), Observations: i.Observations, Regressed: i.Regressed,
		KeyKind: i.Key.Kind, Key: i.Key.Value, Fingerprint: i.Fingerprint(), Rule: i.Rule, SecretType: i.SecretType, Redacted: i.Redacted, SourceIP: i.SourceIP, Program: i.Program,
		Assignee: i.Assignee, Reason: i.Reason, OpenedAt: utc(i.OpenedAt), SeenAt: utc(i.SeenAt), ClosedAt: utcOrNull(i.ClosedAt), UpdatedAt: utc(i.UpdatedAt),
		SnoozedUntil: utcOrNull(i.SnoozedUntil), MergedInto: orNull(i.MergedInto), Merged: convert(i.Merged, func(id string) string { return id }),
	}
}

func entryOut(e incident.Entry) IncidentEntry {
	return IncidentEntry{
		ID: e.ID, At: utc(e.At), Kind: string(e.Kind), Sensor: string(e.Sensor), Severity: e.Severity.String(), EventID: e.EventID, Topic: e.Topic,
		Words: e.Words, Place: e.Place, SourceIP: e.SourceIP, Program: e.Program, By: e.By, Incident: e.Incident,
	}
}

func omittedOut(o incident.Omitted) IncidentOmitted {
	return IncidentOmitted{Sensor: string(o.Sensor), Kind: string(o.Kind), Severity: o.Severity.String(), Times: o.Times, Kept: o.Kept, From: utc(o.From), Until: utc(o.Until)}
}

// incidentRoutes lists the operations on incidents.
func (s *server) incidentRoutes() {
	handle(s, route{call: "GET /incidents", gate: viewer, id: "listIncidents", tag: "incidents", summary: "List incidents, the gravest first"}, s.listIncidents)
	handle(s, route{call: "GET /incidents/open", gate: viewer, id: "countOpenIncidents", tag: "incidents", summary: "Count the incidents that are open and not put aside",
		more: "As many as GET /incidents?state=triggered&state=acknowledged&snoozed=false lists."}, s.openIncidents)
	handle(s, route{call: "GET /incidents/{id}", gate: viewer, id: "getIncident", tag: "incidents", summary: "Show an incident with its timeline",
		more: "The ETag changes with every observation and act; give it as If-Match when acting.", errors: []int{404}}, s.getIncident)
	handle(s, route{call: "GET /incidents/{id}/timeline", gate: viewer, id: "listIncidentTimeline", tag: "incidents", summary: "List an incident's timeline", errors: []int{404}}, s.incidentTimeline)
	handle(s, route{call: "POST /incidents/{id}/act", gate: reviewer, id: "actOnIncident", tag: "incidents", summary: "Take an incident on, close it, put it aside, give it to somebody, write something down, merge it with another, or undo that",
		errors: []int{404, 409, 412}}, s.actOnIncident)
}
