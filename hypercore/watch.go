package hypercore

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watch wakes a follower: by file system events where there are any, by the clock always.
//
// Of a core it watches the oplog only, which every change goes through: a watch on the
// directory would report each write to data and tree as well, at the writer's expense.
type watch struct {
	poll, pause time.Duration
	notify      *fsnotify.Watcher // nil when the system gives none
	path        string            // what is followed
	found       string            // what it leads to, see on
	watched     []string
}

func newWatch(path string, opts FollowOptions) *watch {
	w := &watch{poll: opts.PollInterval, pause: opts.Pause, path: path}
	if n, err := fsnotify.NewWatcher(); err == nil {
		w.notify = n
	}
	return w
}

func (w *watch) close() {
	if w.notify != nil {
		w.notify.Close() // its errors leave nothing to do
	}
}

// on watches where the path lies and what it leads to: a core's oplog, or a directory that
// is no core yet, or nothing ("").
func (w *watch) on(found string) {
	if w.notify == nil {
		return
	}
	want := []string{existing(filepath.Dir(w.path))}
	if w.found = found; found != "" {
		want = append(want, found)
	}
	for _, name := range w.watched {
		if !slices.Contains(want, name) {
			w.notify.Remove(name) // fails when it is gone, and is then not needed
		}
	}
	w.watched = slices.DeleteFunc(w.watched, func(name string) bool { return !slices.Contains(want, name) })
	for _, name := range want {
		if !slices.Contains(w.watched, name) && w.notify.Add(name) == nil {
			w.watched = append(w.watched, name)
		}
	}
}

// existing is the nearest directory above that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// wait returns when the core may have changed, at the latest after again (if not 0) or the
// poll interval, and never earlier than the pause.
func (w *watch) wait(ctx context.Context, again time.Duration) error {
	if again == 0 || again > w.poll {
		again = w.poll
	}
	if err := sleep(ctx, min(w.pause, again)); err != nil {
		return err
	}
	timer := time.NewTimer(max(again-w.pause, 0))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			w.drain()
			return nil
		case e, ok := <-w.events():
			if ok && !w.matters(e) {
				continue
			}
			w.drain()
			return nil
		}
	}
}

func (w *watch) events() <-chan fsnotify.Event {
	if w.notify == nil {
		return nil
	}
	return w.notify.Events
}

// matters reports whether an event is about what is followed, and forgets the watch of
// what was removed or renamed, for it to be set again.
func (w *watch) matters(e fsnotify.Event) bool {
	if i := slices.Index(w.watched, e.Name); i >= 0 && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)) {
		w.notify.Remove(e.Name)
		w.watched = slices.Delete(w.watched, i, i+1)
		return true
	}
	return w.onPath(e.Name) || e.Name == w.found || filepath.Dir(e.Name) == w.found
}

// onPath reports whether a name is the path or lies on the way to it.
func (w *watch) onPath(name string) bool {
	return name == w.path || strings.HasPrefix(w.path, name+string(filepath.Separator))
}

// drain takes the events that are waiting, since the coming pass sees what they tell.
func (w *watch) drain() {
	for w.notify != nil {
		select {
		case e, ok := <-w.notify.Events:
			if !ok {
				return
			}
			w.matters(e)
		case <-w.notify.Errors: // an overflow: the pass reads everything anyway
		default:
			return
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
