package leak

import (
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// story is what is told of one message in which something was found.
type story struct {
	correlation string
	index       string // empty where the source has none
	secrets     int
	from, to    time.Time // of the scan
}

func newStory(correlation string, e source.Entry, secrets int, from, to time.Time) story {
	s := story{correlation: correlation, secrets: secrets, from: from, to: to}
	if e.Indexed {
		s.index = strconv.FormatUint(e.Index, 10)
	}
	return s
}

// tellStories traces the messages of a batch that is stored: it was read
// whole at came, and stored between scanned and stored.
func (w *watcher) tellStories(d *draft, b source.Batch, came, scanned, stored time.Time) {
	entries, t := strconv.Itoa(len(b.Entries)), w.deps.Tracer
	for _, s := range d.stories {
		t.Begin(s.correlation, "message", came, stored, "source.id", w.ID, "source.kind", w.Kind, "source.index", s.index)
		t.Step(s.correlation, "source.read", came, came, "", "batch.entries", entries)
		t.Step(s.correlation, "leak.scan", s.from, s.to, "", "secrets", strconv.Itoa(s.secrets))
		t.Step(s.correlation, "store.commit", scanned, stored, "", "batch.findings", strconv.Itoa(len(d.findings)))
	}
}
