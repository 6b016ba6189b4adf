package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// deliveryList is the kind of list in its cursors.
const deliveryList = "d1"

type listDeliveriesInput struct {
	WebhookPath
	PageQuery
	State string `query:"state" enum:"pending,failed,delivered,dead,silenced" doc:"Only of this state."`
}

type deliveryPageOutput struct{ Body DeliveryPage }

func (s *server) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*deliveryPageOutput, error) {
	page, err := in.page(deliveryList)
	if err != nil {
		return nil, err
	}
	rows, err := s.Webhooks.Deliveries(ctx, notify.DeliveryFilter{
		SubscriptionID: in.ID, State: notify.DeliveryState(in.State), After: page.After, Limit: page.Limit,
	})
	if err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	rows, next := nextPage(deliveryList, in.Limit, rows, func(d notify.Delivery) string { return d.Event.ID })
	return &deliveryPageOutput{DeliveryPage{Items: convert(rows, delivery), NextCursor: next}}, nil
}

type redeliverInput struct {
	WebhookPath
	Delivery string         `path:"delivery" maxLength:"64" doc:"The delivery's id."`
	Body     *WebhookAction `required:"false"`
}

type redeliveredOutput struct{ Body Redelivered }

func (s *server) redeliver(ctx context.Context, in *redeliverInput) (*redeliveredOutput, error) {
	action := webhookActionInput{in.WebhookPath, in.Body}
	if _, err := s.Webhooks.Get(ctx, in.ID); err != nil {
		return nil, ofWebhook(err, in.ID)
	}
	n, err := s.Webhooks.Redeliver(ctx, notify.Resend{SubscriptionID: in.ID, DeliveryID: in.Delivery}, s.act(ctx, "webhook.redeliver", in.ID, action.reason()))
	if errors.Is(err, notify.ErrNotFound) {
		return nil, problem(http.StatusNotFound, "webhook %s has no delivery %s; it may have expired", in.ID, in.Delivery)
	}
	return &redeliveredOutput{Redelivered{Queued: n}}, ofWebhook(err, in.ID)
}

type redeliverDeadInput struct {
	WebhookPath
	Body *WebhookRedeliver `required:"false"`
}

func (s *server) redeliverDead(ctx context.Context, in *redeliverDeadInput) (*redeliveredOutput, error) {
	var body WebhookRedeliver
	if in.Body != nil {
		body = *in.Body
	}
	r := notify.Resend{SubscriptionID: in.ID, From: timeOrZero(body.From), Until: timeOrZero(body.Until)}
	n, err := s.Webhooks.Redeliver(ctx, r, s.act(ctx, "webhook.redeliver", in.ID, body.Reason))
	return &redeliveredOutput{Redelivered{Queued: n}}, ofWebhook(err, in.ID)
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func webhook(w notify.Status, b notify.Backlog) Webhook {
	return Webhook{
		ID: w.ID, Host: w.Host, Format: w.Format, Topics: texts(w.Topics), Presets: texts(event.PresetsIn(w.Topics)),
		MinSeverity: w.MinSeverity.String(), MinConfidence: w.MinConfidence, Rules: texts(w.Rules), Sources: texts(w.Sources),
		AllowPrivate: w.AllowPrivate, Digest: durationOrEmpty(w.Manner.Digest), Quiet: texts(w.Manner.Quiet), Timezone: w.Manner.Zone,
		Urgent: w.Manner.UrgentFrom().String(), Template: w.Template, Escalate: convert(w.Escalate, step), Managed: w.Managed, Signed: w.Signed, State: string(w.State), Failures: w.Failures,
		AutoDisabledAt: utcOrNull(w.AutoDisabledAt), Pending: b.Pending, Dead: b.Dead, Last: webhookAttempt(w.Last),
	}
}

func durationOrEmpty(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// texts is never null in JSON.
func texts(in []string) []string { return append([]string{}, in...) }

func webhookAttempt(a *notify.Attempt) *WebhookAttempt {
	if a == nil {
		return nil
	}
	return &WebhookAttempt{At: utc(a.At), OK: a.OK, Status: a.HTTPStatus, Error: a.Error}
}

func preset(p event.Preset) WebhookPreset {
	return WebhookPreset{Name: p.Name, Purpose: p.Purpose, Patterns: p.Patterns}
}

func format(f notify.Format) WebhookFormat {
	_, keyed := f.(notify.Keyed)
	return WebhookFormat{Name: f.Name(), Keyed: keyed}
}

func delivery(d notify.Delivery) Delivery {
	return Delivery{
		ID: d.ID, EventID: d.Event.ID, Topic: d.Event.Topic, Severity: d.Event.Severity.String(), Subject: d.Event.Subject,
		State: string(d.Shown()), Attempts: d.Attempts, Status: d.LastStatus, Error: d.LastError, QueuedAt: utc(d.CreatedAt),
		NextAttemptAt: timeIf(d.State == notify.Pending, d.NextAttempt), DoneAt: timeIf(d.State != notify.Pending, d.NextAttempt),
	}
}

func timeIf(there bool, t time.Time) *time.Time {
	if !there {
		return nil
	}
	return utcOrNull(&t)
}

func step(s notify.Step) WebhookStep { return WebhookStep{After: durationOrEmpty(s.After), To: s.To} }
