package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
)

type webhookListOutput struct{ Body WebhookList }

func (s *server) listWebhooks(ctx context.Context, _ *struct{}) (*webhookListOutput, error) {
	all, err := s.Webhooks.Status(ctx)
	if err != nil {
		return nil, err
	}
	backlogs, err := s.Webhooks.Backlogs(ctx)
	if err != nil {
		return nil, err
	}
	out := convert(all, func(w notify.Status) Webhook { return webhook(w, backlogs[w.ID]) })
	return &webhookListOutput{WebhookList{Items: out, Presets: convert(event.Presets(), preset), Formats: convert(s.Webhooks.Formats(), format)}}, nil
}

// WebhookPath names a webhook in a path.
type WebhookPath struct {
	ID string `path:"id" maxLength:"64" doc:"The webhook's id."`
}

type webhookOutput struct {
	ETag string `header:"ETag" doc:"Changes with every setting; give it as If-Match when changing."`
	Body Webhook
}

func (s *server) getWebhook(ctx context.Context, in *WebhookPath) (*webhookOutput, error) {
	w, err := s.Webhooks.Get(ctx, in.ID)
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	return s.webhookOut(ctx, w)
}

// webhookOut adds to a webhook what waits for it.
func (s *server) webhookOut(ctx context.Context, w notify.Status) (*webhookOutput, error) {
	backlogs, err := s.Webhooks.Backlogs(ctx)
	if err != nil {
		return nil, err
	}
	return &webhookOutput{ETag: webhookTag(w), Body: webhook(w, backlogs[w.ID])}, nil
}

func webhookTag(w notify.Status) string { return `"` + w.Version + `"` }

type createWebhookInput struct{ Body WebhookRequest }

type webhookSavedOutput struct {
	CacheControl string `header:"Cache-Control" hidden:"true"`
	ETag         string `header:"ETag" doc:"Changes with every setting; give it as If-Match when changing."`
	Body         WebhookSaved
}

func (s *server) createWebhook(ctx context.Context, in *createWebhookInput) (*webhookSavedOutput, error) {
	hook, err := in.Body.WebhookSettings.webhook()
	if err != nil {
		return nil, err
	}
	hook.ID, hook.URL, hook.Secret = in.Body.ID, redact.NewSecret(in.Body.URL), redact.NewSecret(in.Body.Secret)
	w, made, err := s.Webhooks.Create(ctx, hook, s.act(ctx, "webhook.create", hook.ID, in.Body.Reason))
	if err != nil {
		return nil, ofWebhook(err, hook.ID)
	}
	return s.saved(ctx, w, made)
}

func (s *server) saved(ctx context.Context, w notify.Status, made redact.Secret) (*webhookSavedOutput, error) {
	out, err := s.webhookOut(ctx, w)
	if err != nil {
		return nil, err
	}
	body := WebhookSaved{Webhook: out.Body, Secret: orNull(made.Reveal())}
	return &webhookSavedOutput{CacheControl: "no-store", ETag: out.ETag, Body: body}, nil
}

// webhook reads settings; the address and the secret are the caller's.
func (r WebhookSettings) webhook() (notify.Webhook, error) {
	topics, err := notify.ExpandTopics(r.Presets, r.Topics)
	if err != nil {
		return notify.Webhook{}, invalid("body.presets", err.Error())
	}
	severity, err := event.ParseSeverity(cmp.Or(r.MinSeverity, event.Info.String()))
	if err != nil {
		return notify.Webhook{}, invalid("body.min_severity", err.Error())
	}
	manner, err := r.manner()
	if err != nil {
		return notify.Webhook{}, err
	}
	steps, err := r.steps()
	if err != nil {
		return notify.Webhook{}, err
	}
	return notify.Webhook{
		Escalate: steps, Manner: manner, Template: r.Template, Topics: topics, Format: cmp.Or(r.Format, "generic"), MinSeverity: severity, MinConfidence: r.MinConfidence,
		Rules: r.Rules, Sources: r.Sources, AllowPrivate: r.AllowPrivate,
	}, nil
}

// manner reads when the webhook is told.
func (r WebhookSettings) manner() (notify.Manner, error) {
	m := notify.Manner{Quiet: r.Quiet, Zone: r.Timezone}
	if r.Digest != "" {
		d, err := time.ParseDuration(r.Digest)
		if err != nil || d <= 0 {
			return m, invalid("body.digest", "give a duration such as 15m")
		}
		m.Digest = d
	}
	if r.Urgent != "" {
		urgent, err := event.ParseSeverity(r.Urgent)
		if err != nil {
			return m, invalid("body.urgent", err.Error())
		}
		m.Urgent = &urgent
	}
	return m, nil
}

// steps reads who is told of incidents that nobody acknowledges.
func (r WebhookSettings) steps() (out []notify.Step, err error) {
	for _, s := range r.Escalate {
		d, err := time.ParseDuration(s.After)
		if err != nil || d <= 0 {
			return nil, invalid("body.escalate", "after: give a duration such as 15m")
		}
		out = append(out, notify.Step{After: d, To: s.To})
	}
	return out, nil
}

type updateWebhookInput struct {
	WebhookPath
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the change rests on; 412 when somebody was faster."`
	Body    WebhookUpdate
}

func (s *server) updateWebhook(ctx context.Context, in *updateWebhookInput) (*webhookSavedOutput, error) {
	hook, err := in.Body.WebhookSettings.webhook()
	if err != nil {
		return nil, err
	}
	hook.ID, hook.URL, hook.Secret = in.ID, redact.NewSecret(in.Body.URL), redact.NewSecret(in.Body.Secret)
	c := notify.Change{Webhook: hook, NewSecret: in.Body.NewSecret}
	if in.IfMatch != "" {
		now, err := s.Webhooks.Get(ctx, in.ID)
		if err != nil {
			return nil, ofWebhook(err, in.ID)
		}
		if err := restsOn(in.IfMatch, webhookTag(now), "webhook "+in.ID+" has changed"); err != nil {
			return nil, err
		}
		c.Version = now.Version // compared again when it is stored
	}
	w, made, err := s.Webhooks.Update(ctx, c, s.act(ctx, "webhook.update", in.ID, in.Body.Reason))
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	return s.saved(ctx, w, made)
}

type removeWebhookInput struct {
	WebhookPath
	Reason string `query:"reason" maxLength:"2000" doc:"Why; kept in the audit log."`
}

func (s *server) removeWebhook(ctx context.Context, in *removeWebhookInput) (*struct{}, error) {
	err := s.Webhooks.Remove(ctx, in.ID, s.act(ctx, "webhook.remove", in.ID, in.Reason))
	return &struct{}{}, ofWebhook(err, in.ID)
}

type webhookActionInput struct {
	WebhookPath
	Body *WebhookAction `required:"false"`
}

func (in *webhookActionInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

func (s *server) enableWebhook(ctx context.Context, in *webhookActionInput) (*webhookOutput, error) {
	w, err := s.Webhooks.Enable(ctx, in.ID, s.act(ctx, "webhook.enable", in.ID, in.reason()))
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	return s.webhookOut(ctx, w)
}

func (s *server) pauseWebhook(ctx context.Context, in *webhookActionInput) (*webhookOutput, error) {
	w, err := s.Webhooks.Pause(ctx, in.ID, s.act(ctx, "webhook.pause", in.ID, in.reason()))
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	return s.webhookOut(ctx, w)
}

type webhookTestedOutput struct{ Body WebhookTested }

func (s *server) testWebhook(ctx context.Context, in *webhookActionInput) (*webhookTestedOutput, error) {
	d, err := s.Webhooks.Test(ctx, in.ID, s.act(ctx, "webhook.test", in.ID, in.reason()))
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	return &webhookTestedOutput{WebhookTested{OK: d.State == notify.Delivered, Delivery: delivery(d)}}, nil
}

// act is the audit entry of what the caller does.
func (s *server) act(ctx context.Context, action, target, reason string) audit.Entry {
	who, _ := auth.PrincipalFrom(ctx)
	return who.Act(s.Clock.Now(), action, target, s.fit(reason))
}

// ofWebhook turns what the notifier refuses into what the caller may know.
func ofWebhook(err error, id string) error {
	var input *notify.InputError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.Is(err, notify.ErrNotFound):
		return problem(http.StatusNotFound, "there is no webhook %s; GET /api/v1/webhooks lists all", id)
	case errors.Is(err, notify.ErrExists):
		return problem(http.StatusConflict, "there is a webhook %s already; choose another id", id)
	case errors.Is(err, notify.ErrManaged):
		return problem(http.StatusConflict, "webhook %s comes from the configuration file: change it there, under notify.webhooks", id)
	case errors.Is(err, notify.ErrVersion):
		return problem(http.StatusPreconditionFailed, "webhook %s has changed since you read it; read it again", id)
	case errors.Is(err, notify.ErrPaused):
		return problem(http.StatusConflict, "webhook %s is paused: enable it first", id)
	}
	return err
}
