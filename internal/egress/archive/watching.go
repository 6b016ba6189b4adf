package archive

import (
	"context"

	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/watch"
)

// recall gives the watcher what it had learned, once.
func (a *Archivist) recall(ctx context.Context) error {
	if a.d.Watch == nil || a.recalled {
		return nil
	}
	saved, err := a.d.Store.Baselines(ctx, a.d.Log.Node)
	if err != nil {
		return err
	}
	a.d.Watch.Restore(saved)
	a.recalled = true
	return nil
}

// watch has lines looked at, and adds to their batch what comes of it.
func (a *Archivist) watch(b *Batch, lines []ledger.Line) error {
	if a.d.Watch == nil {
		return nil
	}
	for _, l := range lines {
		if !Outbound(l.Entry) {
			continue
		}
		if err := a.d.Watch.Observe(sample(l)); err != nil {
			return err
		}
	}
	b.News = a.d.Watch.News()
	return nil
}

func (a *Archivist) stored() {
	if a.d.Watch != nil {
		a.d.Watch.Stored()
	}
}

func sample(l ledger.Line) watch.Sample {
	return watch.Sample{
		Seq: l.Seq, Time: l.Time, End: l.Kind == ledger.End, Allowed: l.Decision == "allow", Program: l.Exe, Host: l.Host, Port: l.Port,
		Reason: l.Reason, BytesOut: l.BytesOut,
	}
}
