package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// receive takes a message of another node. Whoever may reach the NATS server
// may send anything: only what is a valid event on its own subject goes on.
func (b *Bus) receive(m *nats.Msg) {
	e, err := decode(m)
	if err != nil {
		b.refused.Add(1)
		b.log.Warn("refused a message from NATS", "subject", m.Subject, "error", err)
		return
	}
	if err := b.local.Publish(context.Background(), e); err != nil && !errors.Is(err, bus.ErrClosed) {
		b.log.Warn("cannot hand on an event from NATS", "topic", e.Topic, "error", err)
	}
}

func decode(m *nats.Msg) (event.Event, error) {
	var e event.Event
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return e, errors.New("it is not an event in JSON") // the decoder's error may quote it
	}
	if err := bus.Check(e); err != nil {
		return e, err
	}
	if m.Subject != Prefix+e.Topic {
		return e, fmt.Errorf("event %s is for topic %s", e.ID, e.Topic)
	}
	return e, nil
}
