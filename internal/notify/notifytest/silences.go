package notifytest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
)

// SilencesAt implements notify.Silences.
func (m *Memory) SilencesAt(ctx context.Context, at time.Time) ([]notify.Silence, error) {
	end, err := m.begin(ctx, "SilencesAt")
	if err != nil {
		return nil, err
	}
	defer end()
	return m.inForce(at), nil
}

func (m *Memory) inForce(at time.Time) []notify.Silence {
	return slices.DeleteFunc(slices.Clone(m.silences), func(s notify.Silence) bool { return !s.ActiveAt(at) })
}

// ListSilences implements notify.Silences.
func (m *Memory) ListSilences(ctx context.Context, before string, limit int) ([]notify.Silence, error) {
	end, err := m.begin(ctx, "ListSilences")
	if err != nil {
		return nil, err
	}
	defer end()
	all := slices.DeleteFunc(slices.Clone(m.silences), func(s notify.Silence) bool { return before != "" && s.ID >= before })
	slices.Reverse(all)
	return all[:min(limit, len(all))], nil
}

// AddSilence implements notify.Silences.
func (m *Memory) AddSilence(ctx context.Context, s notify.Silence, by audit.Entry, e event.Event) error {
	end, err := m.begin(ctx, "AddSilence")
	if err != nil {
		return err
	}
	defer end()
	if len(m.inForce(s.CreatedAt)) >= notify.MaxSilences {
		return notify.ErrTooManySilences
	}
	if by.After, err = s.Story(); err != nil {
		return err
	}
	m.silences, m.audit = append(m.silences, s), append(m.audit, by)
	m.append(e)
	return nil
}

// EndSilence implements notify.Silences.
func (m *Memory) EndSilence(ctx context.Context, id, who string, at time.Time, by audit.Entry, tell func(notify.Silence) (event.Event, error)) (notify.Silence, error) {
	end, err := m.begin(ctx, "EndSilence")
	if err != nil {
		return notify.Silence{}, err
	}
	defer end()
	i := slices.IndexFunc(m.silences, func(s notify.Silence) bool { return s.ID == id })
	if i < 0 {
		return notify.Silence{}, notify.ErrNotFound
	}
	s := m.silences[i]
	if !s.ActiveAt(at) {
		return s, notify.ErrEnded
	}
	if by.Before, err = s.Story(); err != nil {
		return s, err
	}
	s.EndedAt, s.EndedBy = &at, who
	if by.After, err = s.Story(); err != nil {
		return s, err
	}
	e, err := tell(s)
	if err != nil {
		return s, err
	}
	m.silences[i], m.audit = s, append(m.audit, by)
	m.append(e)
	return s, nil
}

func silence(until time.Time, topics ...string) notify.Silence {
	return notify.Silence{ID: id.New(), Topics: topics, MaxSeverity: event.High, Reason: "a test", By: "ada", CreatedAt: Start(), Until: until}
}

func aboutSilence(s notify.Silence) (event.Event, error) {
	return event.New(event.Header{Time: Start(), Source: "node-1/notify"}, event.SilenceChanged{SilenceID: s.ID, Active: s.EndedAt == nil})
}

func hush(t *testing.T, s Store, one notify.Silence) {
	t.Helper()
	e, err := aboutSilence(one)
	must(t, err)
	must(t, s.AddSilence(t.Context(), one, by("silence.add"), e))
}

func silencesAt(t *testing.T, s Store, at time.Time) []notify.Silence {
	t.Helper()
	all, err := s.SilencesAt(t.Context(), at)
	must(t, err)
	return all
}

func silencesAreKept(t *testing.T, s Store) {
	short, long := silence(Start().Add(time.Hour), "leak.>"), silence(Start().Add(48*time.Hour), "system.>", "egress.>")
	long.Webhooks, long.Rules, long.Sources, long.Secrets = []string{"soc"}, []string{"github-pat"}, []string{"chat", "logs"}, []string{"v1:0a:0b"}
	hush(t, s, short)
	hush(t, s, long)
	expect(t, "in force", []notify.Silence{short, long}, silencesAt(t, s, Start()))
	expect(t, "at the end of one", []notify.Silence{long}, silencesAt(t, s, short.Until))
	ended, err := s.EndSilence(t.Context(), long.ID, "bob", Start().Add(time.Minute), by("silence.end"), aboutSilence)
	must(t, err)
	long.EndedAt, long.EndedBy = new(Start().Add(time.Minute)), "bob"
	expect(t, "ended", long, ended)
	expect(t, "in force after the end", []notify.Silence{short}, silencesAt(t, s, Start().Add(time.Minute)))
	all, err := s.ListSilences(t.Context(), "", 10)
	must(t, err)
	expect(t, "listed", []notify.Silence{long, short}, all)
	rest, err := s.ListSilences(t.Context(), long.ID, 10)
	must(t, err)
	expect(t, "the page after", []notify.Silence{short}, rest)
	if n, entries := told(t, s, event.TopicSilenceChanged), audited(t, s); n != 3 || len(entries) != 3 || entries[2].Before == nil {
		t.Errorf("%d events and %d audit entries for 3 changes", n, len(entries))
	}
}

func silenceEndsOnce(t *testing.T, s Store) {
	one := silence(Start().Add(time.Hour), "leak.>")
	hush(t, s, one)
	stop := func(id string, at time.Time) error {
		_, err := s.EndSilence(t.Context(), id, "bob", at, by("silence.end"), aboutSilence)
		return err
	}
	if err := stop(id.New(), Start()); !errors.Is(err, notify.ErrNotFound) {
		t.Errorf("ending one that is not there: %v", err)
	}
	if err := stop(one.ID, one.Until); !errors.Is(err, notify.ErrEnded) {
		t.Errorf("ending one that ran out: %v", err)
	}
	must(t, stop(one.ID, Start()))
	if err := stop(one.ID, Start()); !errors.Is(err, notify.ErrEnded) {
		t.Errorf("ending one twice: %v", err)
	}
	if n := len(audited(t, s)); n != 2 {
		t.Errorf("%d audit entries, want 2: what is refused leaves none", n)
	}
}

func silencesAreBounded(t *testing.T, s Store) {
	for range notify.MaxSilences {
		hush(t, s, silence(Start().Add(time.Hour), "leak.>"))
	}
	one := silence(Start().Add(time.Hour), "leak.>")
	e, err := aboutSilence(one)
	must(t, err)
	if err := s.AddSilence(t.Context(), one, by("silence.add"), e); !errors.Is(err, notify.ErrTooManySilences) {
		t.Errorf("one too many: %v", err)
	}
	one.CreatedAt = Start().Add(time.Hour)
	must(t, s.AddSilence(t.Context(), one, by("silence.add"), e)) // the others ran out
}

func silencedIsDone(t *testing.T, s Store) {
	syncAll(t, s, Subscription("a", "https://a.example/hook"))
	e := Event(t, Start())
	must(t, s.Append(t.Context(), e))
	d := notify.Delivery{
		ID: notify.DeliveryID("a", e.ID), SubscriptionID: "a", Event: e, State: notify.Silenced, LastError: "silence x",
		NextAttempt: Start(), CreatedAt: Start(),
	}
	must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, []notify.Delivery{d}))
	expect(t, "due", []string{}, dueIDs(t, s, Start().Add(time.Hour), 10))
	expect(t, "listed", []string{d.ID}, listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", State: notify.Silenced, Limit: 10}))
	n, err := s.Tidy(context.WithoutCancel(t.Context()), Start().Add(time.Second), Start(), 10)
	must(t, err)
	expect(t, "tidied", 1, n)
}
