package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// silenceList is the kind of list in its cursors.
const silenceList = "s1"

// silenceRoutes lists the operations on silences. Whoever answers an alert may
// silence it; that somebody did is told to everybody.
func (s *server) silenceRoutes() {
	handle(s, route{call: "GET /silences", gate: viewer, id: "listSilences", tag: "webhooks", summary: "List the silences",
		more: "Also those that ran out or were ended."}, s.listSilences)
	handle(s, route{call: "GET /silences/preview", gate: viewer, id: "previewSilence", tag: "webhooks", summary: "What a silence would have hidden lately",
		more: "It looks at the event log, and changes nothing."}, s.previewSilence)
	handle(s, route{call: "POST /silences", gate: responder, id: "createSilence", tag: "webhooks", summary: "Silence webhooks for a while",
		more: "What it hides is in the delivery logs as silenced and can be sent all the same. That somebody silences is told to everybody.", status: 201, errors: []int{409}}, s.createSilence)
	handle(s, route{call: "POST /silences/{id}/end", gate: responder, id: "endSilence", tag: "webhooks", summary: "End a silence early",
		more: "What it hid stays unsent.", errors: []int{404, 409}}, s.endSilence)
}

type silencePageOutput struct{ Body SilencePage }

func (s *server) listSilences(ctx context.Context, in *PageQuery) (*silencePageOutput, error) {
	page, err := in.page(silenceList)
	if err != nil {
		return nil, err
	}
	rows, err := s.Webhooks.Silences(ctx, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(silenceList, in.Limit, rows, func(r notify.Silence) string { return r.ID })
	return &silencePageOutput{SilencePage{Items: convert(rows, s.silence), NextCursor: next}}, nil
}

type silenceOutput struct{ Body Silence }

type createSilenceInput struct{ Body SilenceRequest }

func (s *server) createSilence(ctx context.Context, in *createSilenceInput) (*silenceOutput, error) {
	most, err := event.ParseSeverity(cmp.Or(in.Body.MaxSeverity, event.High.String()))
	if err != nil {
		return nil, invalid("body.max_severity", err.Error())
	}
	who, _ := auth.PrincipalFrom(ctx)
	by := s.act(ctx, "silence.add", "", in.Body.Reason)
	made, err := s.Webhooks.Silence(ctx, notify.Silence{
		Topics: in.Body.Topics, Webhooks: in.Body.Webhooks, Rules: in.Body.Rules, Sources: in.Body.Sources, Secrets: in.Body.Fingerprints, MaxSeverity: most,
		Reason: by.Reason, By: who.Label(), Until: s.Clock.Now().Add(time.Duration(in.Body.Minutes) * time.Minute),
	}, by)
	if err != nil {
		return nil, ofSilence(err, made.ID)
	}
	return &silenceOutput{s.silence(made)}, nil
}

type endSilenceInput struct {
	ID   string      `path:"id" format:"uuid" doc:"The silence's id."`
	Body *SilenceEnd `required:"false"`
}

func (s *server) endSilence(ctx context.Context, in *endSilenceInput) (*silenceOutput, error) {
	var reason string
	if in.Body != nil {
		reason = in.Body.Reason
	}
	who, _ := auth.PrincipalFrom(ctx)
	silenceID := strings.ToLower(in.ID)
	ended, err := s.Webhooks.EndSilence(ctx, silenceID, who.Label(), s.act(ctx, "silence.end", silenceID, reason))
	if err != nil {
		return nil, ofSilence(err, silenceID)
	}
	return &silenceOutput{s.silence(ended)}, nil
}

func (s *server) silence(r notify.Silence) Silence {
	return Silence{
		ID: r.ID, Topics: texts(r.Topics), Webhooks: texts(r.Webhooks), Rules: texts(r.Rules), Sources: texts(r.Sources), Fingerprints: texts(r.Secrets),
		MaxSeverity: r.MaxSeverity.String(), Reason: r.Reason, By: r.By, Active: r.ActiveAt(s.Clock.Now()),
		CreatedAt: utc(r.CreatedAt), Until: utc(r.Until), EndedAt: utcOrNull(r.EndedAt), EndedBy: r.EndedBy,
	}
}

// ofSilence turns what the notifier refuses into what the caller may know.
func ofSilence(err error, id string) error {
	var input *notify.InputError
	switch {
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.Is(err, notify.ErrNotFound):
		return problem(http.StatusNotFound, "there is no silence %s; GET /api/v1/silences lists all", id)
	case errors.Is(err, notify.ErrEnded):
		return problem(http.StatusConflict, "silence %s is over already", id)
	case errors.Is(err, notify.ErrTooManySilences):
		return problem(http.StatusConflict, "%d silences are in force, which is the most; end one first", notify.MaxSilences)
	}
	return err
}
