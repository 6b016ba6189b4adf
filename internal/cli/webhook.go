package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/config"
)

type webhookCmd struct {
	List       webhookListCmd       `cmd:"" help:"List the webhooks and how they are doing."`
	Show       webhookShowCmd       `cmd:"" help:"Show one webhook."`
	Add        webhookAddCmd        `cmd:"" help:"Add a webhook; prints the signing secret that was made, once."`
	Remove     webhookRemoveCmd     `cmd:"" help:"Remove a webhook."`
	Test       webhookTestCmd       `cmd:"" help:"Send a test event and tell how it went."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"List what was sent, is waiting or was given up."`
	Redeliver  webhookRedeliverCmd  `cmd:"" help:"Send a delivery, or all dead letters, again."`
	Enable     webhookEnableCmd     `cmd:"" help:"Let a paused or tripped webhook deliver again."`
	Pause      webhookPauseCmd      `cmd:"" help:"Send nothing to a webhook until it is enabled again."`
}

type webhookListCmd struct{}

func (webhookListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		all, err := cl.Webhooks(ctx)
		if err != nil {
			return err
		}
		return emitList(s, all.Items, func(w io.Writer) error { return webhookTable(w, all.Items) })
	})
}

func webhookTable(w io.Writer, hooks []api.Webhook) error {
	header := []string{"ID", "STATE", "FORMAT", "HOST", "PENDING", "DEAD", "FROM", "TOPICS"}
	return tableOf(w, "no webhooks; add one with: cordon webhook add ID --url https://... --preset Leaks", header, hooks, func(h api.Webhook) []string {
		return []string{h.ID, h.State, h.Format, h.Host, strconv.Itoa(h.Pending), strconv.Itoa(h.Dead), origin(h), strings.Join(h.Topics, " ")}
	})
}

func origin(h api.Webhook) string {
	if h.Managed {
		return "file"
	}
	return "api"
}

// webhookArg names a webhook.
type webhookArg struct {
	ID string `arg:"" help:"The webhook's id."`
}

// reasonFlag says why something is done.
type reasonFlag struct {
	Reason string `help:"Why; it is kept in the audit log."`
}

func (f reasonFlag) action() api.WebhookAction { return api.WebhookAction{Reason: f.Reason} }

type webhookShowCmd struct{ webhookArg }

func (c *webhookShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		h, _, err := cl.Webhook(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, h, func(w io.Writer) error { return showWebhook(sentences(w), h) })
	})
}

func showWebhook(w io.Writer, h api.Webhook) error {
	facts := [][2]string{
		{"id", h.ID}, {"state", h.State}, {"host", h.Host}, {"format", h.Format}, {"from", origin(h)},
		{"presets", strings.Join(h.Presets, " ")}, {"topics", strings.Join(h.Topics, " ")},
		{"severity", h.MinSeverity + " or worse"}, {"confidence", confidence(h.MinConfidence)},
		{"rules", strings.Join(h.Rules, " ")}, {"sources", strings.Join(h.Sources, " ")},
		{"signed", strconv.FormatBool(h.Signed)}, {"private", strconv.FormatBool(h.AllowPrivate)},
		{"failures", strconv.Itoa(h.Failures)}, {"pending", strconv.Itoa(h.Pending)}, {"dead", strconv.Itoa(h.Dead)},
		{"template", h.Template}, {"digest", h.Digest}, {"quiet", strings.TrimSpace(strings.Join(h.Quiet, "; ") + " " + h.Timezone)}, {"urgent", urgentIf(h)},
		{"escalate", escalation(h)},
		{"last", lastAttempt(h.Last)},
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-10s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	return nil
}

func confidence(least float64) string {
	if least == 0 {
		return ""
	}
	return "at least " + strconv.FormatFloat(least, 'g', -1, 64)
}

// urgentIf is empty where everything is told at once.
func urgentIf(h api.Webhook) string {
	if h.Digest == "" && len(h.Quiet) == 0 {
		return ""
	}
	return h.Urgent + " or worse"
}

func lastAttempt(a *api.WebhookAttempt) string {
	switch {
	case a == nil:
		return ""
	case a.OK:
		return fmt.Sprintf("%s ok, %s", day(&a.At), accepted(a.Status))
	}
	return day(&a.At) + " " + a.Error
}

// accepted says how a receiver took a delivery: 250 is the yes of SMTP, which
// HTTP does not know, and syslog has none.
func accepted(status int) string {
	switch status {
	case 0:
		return "sent"
	case 250:
		return "SMTP 250"
	}
	return "HTTP " + strconv.Itoa(status)
}

type webhookAddCmd struct {
	webhookArg
	URL           string   `name:"url" required:"" help:"https://..., or better file:PATH or env:NAME of it: it may be a credential."`
	Secret        string   `help:"file:PATH or env:NAME of the signing secret, or of PagerDuty's routing key, or of a mail server's password. Default: one is made."`
	SendAs        string   `name:"send-as" default:"generic" help:"generic, slack, discord, teams, pagerduty, email, syslog, cef or template."`
	Preset        []string `help:"${presets}; may repeat."`
	Topic         []string `help:"A pattern such as leak.message.*; may repeat."`
	MinSeverity   string   `help:"info, low, medium, high or critical."`
	MinConfidence float64  `help:"0 to 1."`
	Rule          []string `help:"Only of this rule; may repeat."`
	Source        []string `help:"Only of this leak source; may repeat."`
	AllowPrivate  bool     `help:"The address may lead to a loopback or private one."`
	Template      string   `help:"Of the format template: file:PATH of the body, or the body itself."`
	Digest        string   `placeholder:"DURATION" help:"Collect what happens for so long, 1m to 24h, and tell it in one message."`
	Quiet         []string `sep:"none" placeholder:"TIMES" help:"Tell nothing in such times: 22:00-07:00 or sat,sun 00:00-24:00; may repeat."`
	Timezone      string   `help:"Of --quiet, such as Europe/Berlin. Default: UTC."`
	Urgent        string   `placeholder:"SEVERITY" help:"From this severity on tell at once, whatever the hour. Default: critical."`
	Escalate      []string `placeholder:"AFTER=WEBHOOK" help:"Of incidents that nobody has acknowledged after so long tell this webhook, too: 15m=oncall; may repeat."`
	reasonFlag
}

func (c *webhookAddCmd) Run(ctx context.Context, s *session) error {
	req, err := c.request()
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		h, err := cl.WebhookCreate(ctx, req)
		if err != nil {
			return err
		}
		return emit(s, h, func(w io.Writer) error { return showAdded(w, h) })
	})
}

func (c *webhookAddCmd) request() (api.WebhookRequest, error) {
	url, err := config.SecretRef(c.URL).Resolve()
	if err != nil {
		return api.WebhookRequest{}, usageError("--url: %v", err)
	}
	body, err := config.SecretRef(c.Template).Resolve()
	if err != nil {
		return api.WebhookRequest{}, usageError("--template: %v", err)
	}
	secret := config.SecretRef(c.Secret)
	if secret.Inline() {
		return api.WebhookRequest{}, usageError("--secret: give file:PATH or env:NAME; others can see what stands on the command line")
	}
	key, err := secret.Resolve()
	if err != nil {
		return api.WebhookRequest{}, usageError("--secret: %v", err)
	}
	steps, err := c.steps()
	if err != nil {
		return api.WebhookRequest{}, err
	}
	return api.WebhookRequest{ID: c.ID, URL: url.Reveal(), Secret: key.Reveal(), WebhookSettings: api.WebhookSettings{
		Format: c.SendAs, Presets: c.Preset, Topics: c.Topic, MinSeverity: c.MinSeverity, MinConfidence: c.MinConfidence,
		Rules: c.Rule, Sources: c.Source, AllowPrivate: c.AllowPrivate,
		Template: strings.TrimSpace(body.Reveal()), Digest: c.Digest, Quiet: c.Quiet, Timezone: c.Timezone, Urgent: c.Urgent, Escalate: steps, Reason: c.Reason,
	}}, nil
}

// showAdded prints the secret alone on its line: it is not to be had again.
func showAdded(w io.Writer, h api.WebhookSaved) error {
	if _, err := fmt.Fprintf(w, "added %s to %s\n", h.ID, h.Host); err != nil || h.Secret == nil {
		return err
	}
	_, err := fmt.Fprintf(w, "signing secret, shown only now:\n%s\n", *h.Secret)
	return err
}

type webhookRemoveCmd struct {
	webhookArg
	reasonFlag
}

func (c *webhookRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := cl.WebhookRemove(ctx, c.ID, c.Reason); err != nil {
			return err
		}
		return s.gone("removed", c.ID)
	})
}

type webhookTestCmd struct {
	webhookArg
	reasonFlag
}

// Run exits with 1 when the endpoint does not accept the event.
func (c *webhookTestCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		t, err := cl.WebhookTest(ctx, c.ID, c.action())
		if err != nil {
			return err
		}
		if err := emit(s, t, func(w io.Writer) error { return showTested(w, t) }); err != nil {
			return err
		}
		if !t.OK {
			return codeError{code: exitFindings}
		}
		return nil
	})
}

func showTested(w io.Writer, t api.WebhookTested) error {
	if t.OK {
		_, err := fmt.Fprintf(w, "ok: %s\n", accepted(t.Delivery.Status))
		return err
	}
	_, err := fmt.Fprintln(w, "failed:", printable(t.Delivery.Error))
	return err
}

type webhookDeliveriesCmd struct {
	webhookArg
	State string `help:"Only pending, failed, delivered or dead ones."`
	Limit int    `default:"50" help:"At most this many."`
}

func (c *webhookDeliveriesCmd) Run(ctx context.Context, s *session) error {
	q := client.DeliveryQuery{State: c.State}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Delivery, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Deliveries(ctx, c.ID, q)
		return p.Items, p.NextCursor, err
	}, deliveryTable)
}

func deliveryTable(w io.Writer, items []api.Delivery) error {
	header := []string{"ID", "QUEUED", "TOPIC", "STATE", "ATTEMPTS", "STATUS", "ERROR"}
	return tableOf(w, "no deliveries", header, items, func(d api.Delivery) []string {
		return []string{d.ID, day(&d.QueuedAt), d.Topic, d.State, strconv.Itoa(d.Attempts), httpStatus(d.Status), d.Error}
	})
}

func httpStatus(code int) string {
	if code == 0 {
		return "-"
	}
	return strconv.Itoa(code)
}

type webhookRedeliverCmd struct {
	webhookArg
	Delivery string    `arg:"" optional:"" help:"The delivery's id."`
	Dead     bool      `help:"All dead letters, or those of --from and --until."`
	From     time.Time `placeholder:"TIME" help:"Only of events at this time or later, such as 2026-03-14T09:00:00Z."`
	Until    time.Time `placeholder:"TIME" help:"Only of events before this time."`
	reasonFlag
}

func (c *webhookRedeliverCmd) Run(ctx context.Context, s *session) error {
	if (c.Delivery == "") != c.Dead {
		return usageError("give the id of a delivery, or --dead for all dead letters")
	}
	if !c.Dead && !(c.From.IsZero() && c.Until.IsZero()) {
		return usageError("--from and --until narrow --dead; without it they mean nothing")
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		done, err := c.call(ctx, cl)
		if err != nil {
			return err
		}
		return emit(s, done, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s queued again\n", plural(done.Queued, "delivery", "deliveries"))
			return err
		})
	})
}

func (c *webhookRedeliverCmd) call(ctx context.Context, cl *client.Client) (api.Redelivered, error) {
	if c.Dead {
		return cl.RedeliverDead(ctx, c.ID, api.WebhookRedeliver{From: orAbsent(c.From), Until: orAbsent(c.Until), Reason: c.Reason})
	}
	return cl.Redeliver(ctx, c.ID, c.Delivery, c.action())
}

func orAbsent(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type webhookEnableCmd struct {
	webhookArg
	reasonFlag
}

func (c *webhookEnableCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		h, err := cl.WebhookEnable(ctx, c.ID, c.action())
		if err != nil {
			return err
		}
		return showState(s, h)
	})
}

type webhookPauseCmd struct {
	webhookArg
	reasonFlag
}

func (c *webhookPauseCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		h, err := cl.WebhookPause(ctx, c.ID, c.action())
		if err != nil {
			return err
		}
		return showState(s, h)
	})
}

// showState prints what a webhook is now.
func showState(s *session, h api.Webhook) error {
	return emit(s, h, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s is %s\n", h.ID, h.State)
		return err
	})
}
