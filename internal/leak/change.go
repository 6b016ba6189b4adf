package leak

import "slices"

// Remove forgets a watch; its id is free again and its stored position stays.
// Call it after the watch's run has returned.
func (s *Sensor) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = slices.DeleteFunc(s.watchers, func(w *watcher) bool { return w.ID == id })
}

// SetPolicy puts another policy into force. Call it while no watch runs: a
// message is judged by one policy.
func (s *Sensor) SetPolicy(p Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deps.Policy = p
}
