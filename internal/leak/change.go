package leak

import (
	"slices"

	"go.cordon.dev/cordon/internal/leak/source"
)

// Remove forgets a watch; its id is free again and its stored position stays.
// Call it after the watch's run has returned.
func (s *Sensor) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = slices.DeleteFunc(s.watchers, func(w *watcher) bool { return w.ID == id })
}

// SetPolicy puts another policy into force for the watches that are added from
// now on. Those that run keep theirs: a message is judged by one policy.
func (s *Sensor) SetPolicy(p Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deps.Policy = p
}

// Standby says that another node watches the source.
func (s *Sensor) Standby(id, detail string) {
	s.mu.Lock()
	i := slices.IndexFunc(s.watchers, func(w *watcher) bool { return w.ID == id })
	var w *watcher
	if i >= 0 {
		w = s.watchers[i]
	}
	s.mu.Unlock()
	if w != nil {
		w.Report(source.Status{State: source.Standby, Detail: detail})
	}
}
