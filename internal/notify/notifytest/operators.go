package notifytest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
)

func by(action string) audit.Entry {
	return audit.Entry{ID: id.New(), Time: Start(), Actor: audit.Actor{Kind: "user", Name: "ada", Role: "admin"}, Action: action, Target: "a", Reason: "why"}
}

func changed(t *testing.T) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: Start(), Source: "node-1/notify"}, event.SubscriptionsChanged{Names: []string{"a"}})
	must(t, err)
	return e
}

// made is a subscription as an operator makes one.
func made(name string) notify.Subscription {
	s := Subscription(name, "https://"+name+".example/hook")
	s.Managed = false
	return s
}

func add(t *testing.T, s Store, sub notify.Subscription) {
	t.Helper()
	must(t, s.AddSubscription(t.Context(), sub, by("webhook.create"), changed(t)))
}

// told counts the events of a topic.
func told(t *testing.T, s Store, topic string) (n int) {
	t.Helper()
	records, err := s.Events(t.Context(), event.Cursor{}, 1000)
	must(t, err)
	for _, r := range records {
		if r.Event.Topic == topic {
			n++
		}
	}
	return n
}

func audited(t *testing.T, s Store) []audit.Entry {
	t.Helper()
	all, err := s.Audit(t.Context())
	must(t, err)
	return all
}

func dueIsShared(t *testing.T, s Store) {
	var times []time.Time
	for range 40 {
		times = append(times, Start())
	}
	with(t, s, []string{"a"}, times...)
	late := with(t, s, []string{"a", "b"}, Start().Add(time.Minute))
	ids := dueIDs(t, s, Start().Add(time.Hour), 5)
	if len(ids) != 6 || !slices.Contains(ids, late[1].ID) {
		t.Errorf("due are %d deliveries, the other webhook's among them: %t; want 5 of the one and 1 of the other", len(ids), slices.Contains(ids, late[1].ID))
	}
}

func tripIsTold(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	before := told(t, s, event.TopicSubscriptionsChanged)
	d := ds[0]
	d.Attempts = 1
	for i, want := range []int{0, 1, 1} {
		_, err := s.Settle(t.Context(), notify.Outcome{Delivery: d, TripAt: 2, At: Start(), OnTrip: changed(t)})
		must(t, err)
		if got := told(t, s, event.TopicSubscriptionsChanged) - before; got != want {
			t.Errorf("failure %d: %d events, want %d", i+1, got, want)
		}
	}
}

func syncTakesOver(t *testing.T, s Store) {
	add(t, s, made("a"))
	filed := Subscription("a", "https://elsewhere.example")
	syncAll(t, s, filed)
	subs, err := s.ListSubscriptions(t.Context())
	must(t, err)
	expect(t, "subscriptions", []notify.Subscription{filed}, subs)
}

func operatorsManage(t *testing.T, s Store) {
	full := made("a")
	full.SealedSecret, full.Topics, full.MinSeverity = []byte{0, 1, 255}, []string{"leak.>", "system.*.health"}, event.High
	full.MinConfidence, full.Rules, full.Sources = 0.75, []string{"github-pat"}, []string{"chat", "logs"}
	full.Manner = notify.Manner{Digest: time.Hour, Quiet: []string{"22:00-07:00"}, Zone: "Europe/Berlin", Urgent: new(event.High)}
	full.Template = `{"text":"{{title}}"}`
	add(t, s, full)
	add(t, s, made("b"))
	expect(t, "a", full, subscription(t, s, "a"))
	plain := made("a")
	plain.URL = "https://other.example"
	got, err := s.ChangeSubscription(t.Context(), "a", func(was notify.Subscription) (notify.Subscription, error) {
		expect(t, "what is changed", full, was)
		return plain, nil
	}, by("webhook.update"), changed(t))
	must(t, err)
	expect(t, "what it became", plain, got)
	expect(t, "a after the change", plain, subscription(t, s, "a"))
	must(t, s.RemoveSubscription(t.Context(), "a", by("webhook.remove"), changed(t)))
	subs, err := s.ListSubscriptions(t.Context())
	must(t, err)
	expect(t, "left", []notify.Subscription{made("b")}, subs)
	if n := told(t, s, event.TopicSubscriptionsChanged); n != 4 {
		t.Errorf("%d events for 4 changes", n)
	}
	checkAudit(t, audited(t, s))
}

// checkAudit looks at the story of one webhook: added, changed, removed.
func checkAudit(t *testing.T, entries []audit.Entry) {
	t.Helper()
	var seen []string
	for _, e := range entries {
		seen = append(seen, e.Action)
		if text := string(e.Before) + string(e.After); strings.Contains(text, "/hook") || !json.Valid(append(append([]byte("["), e.After...), ']')) {
			t.Errorf("%s is told as %s", e.Action, text)
		}
	}
	expect(t, "audited", []string{"webhook.create", "webhook.create", "webhook.update", "webhook.remove"}, seen)
	if up := entries[2]; !strings.Contains(string(up.Before), "github-pat") || !strings.Contains(string(up.After), `"url":"changed"`) || up.Reason != "why" {
		t.Errorf("the change is told as %s -> %s, because %q", up.Before, up.After, up.Reason)
	}
}

func refusedChangesNothing(t *testing.T, s Store) {
	syncAll(t, s, Subscription("filed", "https://filed.example"))
	add(t, s, made("a"))
	refusal := errors.New("no")
	same := func(s notify.Subscription) (notify.Subscription, error) { return s, nil }
	change := func(id string, f func(notify.Subscription) (notify.Subscription, error)) error {
		_, err := s.ChangeSubscription(t.Context(), id, f, by("webhook.update"), changed(t))
		return err
	}
	for what, tt := range map[string]struct {
		err, want error
	}{
		"add twice":      {s.AddSubscription(t.Context(), made("a"), by("webhook.create"), changed(t)), notify.ErrExists},
		"change nothing": {change("none", same), notify.ErrNotFound},
		"refuse":         {change("a", func(s notify.Subscription) (notify.Subscription, error) { s.URL = "x"; return s, refusal }), refusal},
		"remove nothing": {s.RemoveSubscription(t.Context(), "none", by("webhook.remove"), changed(t)), notify.ErrNotFound},
		"remove managed": {s.RemoveSubscription(t.Context(), "filed", by("webhook.remove"), changed(t)), notify.ErrManaged},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", what, tt.err, tt.want)
		}
	}
	expect(t, "a", made("a"), subscription(t, s, "a"))
	if n, told := len(audited(t, s)), told(t, s, event.TopicSubscriptionsChanged); n != 1 || told != 2 {
		t.Errorf("%d audit entries and %d events, want those of what was done: 1 and 2", n, told)
	}
}

// letters queues one delivery in each state, oldest first: pending, failed,
// delivered, dead.
func letters(t *testing.T, s Store, name string) []notify.Delivery {
	t.Helper()
	ds := with(t, s, []string{name}, Start(), Start(), Start(), Start())
	ds[1].LastStatus, ds[1].LastError = 503, "HTTP 503"
	settle(t, s, ds[1], notify.Pending, Start().Add(time.Minute))
	settle(t, s, ds[2], notify.Delivered, Start())
	ds[3].LastStatus, ds[3].LastError = 404, "HTTP 404"
	settle(t, s, ds[3], notify.Dead, Start())
	return ds
}

func listed(t *testing.T, s Store, f notify.DeliveryFilter) []string {
	t.Helper()
	ds, err := s.ListDeliveries(t.Context(), f)
	must(t, err)
	ids := []string{}
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

func lettersAreListed(t *testing.T, s Store) {
	ds := letters(t, s, "a")
	all := []string{ds[3].ID, ds[2].ID, ds[1].ID, ds[0].ID}
	expect(t, "all, newest first", all, listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", Limit: 10}))
	expect(t, "first page", all[:2], listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", Limit: 2}))
	expect(t, "next page", all[2:], listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", Limit: 2, After: ds[2].Event.ID}))
	for state, want := range map[notify.DeliveryState]string{
		notify.Pending: ds[0].ID, notify.Failed: ds[1].ID, notify.Delivered: ds[2].ID, notify.Dead: ds[3].ID,
	} {
		expect(t, string(state), []string{want}, listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", State: state, Limit: 10}))
	}
	expect(t, "of another", []string{}, listed(t, s, notify.DeliveryFilter{SubscriptionID: "b", Limit: 10}))
}

func backlogsAreCounted(t *testing.T, s Store) {
	letters(t, s, "a")
	got, err := s.Backlogs(t.Context())
	must(t, err)
	expect(t, "backlogs", map[string]notify.Backlog{"a": {Pending: 2, Dead: 1}}, got)
}

func redelivered(t *testing.T, s Store) {
	ds := letters(t, s, "a")
	later := Start().Add(100 * time.Hour)
	for _, d := range ds[2:] {
		n, err := s.Redeliver(t.Context(), notify.Resend{SubscriptionID: "a", DeliveryID: d.ID}, later, by("webhook.redeliver"))
		if err != nil || n != 1 {
			t.Fatalf("Redeliver of %s = %d, %v", d.State, n, err)
		}
	}
	got, err := s.ListDeliveries(t.Context(), notify.DeliveryFilter{SubscriptionID: "a", State: notify.Pending, Limit: 10})
	must(t, err)
	if len(got) != 3 || got[0].Attempts != 0 || !got[0].CreatedAt.Equal(later) || !got[0].NextAttempt.Equal(later) {
		t.Errorf("waiting now: %+v", got)
	}
	for _, miss := range [][2]string{{"a", "msg_none"}, {"b", ds[2].ID}} {
		if _, err := s.Redeliver(t.Context(), notify.Resend{SubscriptionID: miss[0], DeliveryID: miss[1]}, later, by("webhook.redeliver")); !errors.Is(err, notify.ErrNotFound) {
			t.Errorf("Redeliver(%s, %s): %v, want ErrNotFound", miss[0], miss[1], err)
		}
	}
	if n := len(audited(t, s)); n != 2 {
		t.Errorf("%d audit entries, want 2", n)
	}
}

func deadRedelivered(t *testing.T, s Store) {
	letters(t, s, "a")
	for i, want := range []int{1, 0} {
		n, err := s.Redeliver(t.Context(), notify.Resend{SubscriptionID: "a"}, Start(), by("webhook.redeliver"))
		if err != nil || n != want {
			t.Errorf("time %d: %d, %v; want %d", i+1, n, err, want)
		}
	}
	expect(t, "dead", []string{}, listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", State: notify.Dead, Limit: 10}))
}

func testRecorded(t *testing.T, s Store) {
	add(t, s, made("a"))
	e, err := event.New(event.Header{Time: Start(), Source: "node-1/notify"}, event.WebhookTest{Webhook: "a", RequestedBy: "ada"})
	must(t, err)
	d := notify.Delivery{
		ID: notify.DeliveryID("a", e.ID), SubscriptionID: "a", Event: e, State: notify.Dead, Attempts: 1,
		NextAttempt: Start(), CreatedAt: Start(), LastStatus: 500, LastError: "HTTP 500",
	}
	must(t, s.RecordTest(t.Context(), d, by("webhook.test")))
	got, err := s.ListDeliveries(t.Context(), notify.DeliveryFilter{SubscriptionID: "a", Limit: 10})
	must(t, err)
	expect(t, "log", []notify.Delivery{d}, got)
	if a := subscription(t, s, "a"); a.Failures != 0 || told(t, s, event.TopicWebhookTest) != 0 {
		t.Errorf("%d failures are counted; the event log has %d tests", a.Failures, told(t, s, event.TopicWebhookTest))
	}
	if all := audited(t, s); len(all) != 2 || all[1].Action != "webhook.test" {
		t.Errorf("audited %+v", all)
	}
}

func tidied(t *testing.T, s Store) {
	ds := letters(t, s, "a")
	tidy := func(delivered, dead time.Time, limit int) int {
		t.Helper()
		n, err := s.Tidy(context.WithoutCancel(t.Context()), delivered, dead, limit)
		must(t, err)
		return n
	}
	after := Start().Add(time.Second)
	if n := tidy(Start(), Start(), 10); n != 0 {
		t.Errorf("%d are deleted before their time", n)
	}
	if n := tidy(after, after, 1); n != 1 {
		t.Errorf("%d are deleted, want one at most", n)
	}
	if n := tidy(after, after, 10); n != 1 {
		t.Errorf("%d more are deleted, want 1", n)
	}
	expect(t, "left", []string{ds[1].ID, ds[0].ID}, listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", Limit: 10}))
}
