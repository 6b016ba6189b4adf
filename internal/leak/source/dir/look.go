package dir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/wake"
)

// Bounds of one folder. What lies beyond them is said in the status.
const (
	maxFiles  = 1 << 20
	maxLevels = 64
)

// watch is one Run.
type watch struct {
	cfg    Config
	done   *position
	sink   source.Sink
	waker  *wake.Waker
	seen   map[string]sight // files that change still
	unread map[fileID]bool  // files whose loss was reported
	live   bool
}

// sight is how a file looked when, first, it looked like that.
type sight struct {
	id    fileID
	since time.Time
}

// candidate is a file that is not read yet.
type candidate struct {
	path string // below the folder
	info fs.FileInfo
	id   fileID
}

// listing is one look at the folder.
type listing struct {
	ready    []candidate
	changing int
	folders  []string // the first of them: those whose events are waited for
	there    map[fileID]bool
	sights   map[string]sight
	problems []string
}

// pass looks at the folder, reads what is ready, and says when to look again
// at the latest.
func (w *watch) pass(ctx context.Context) (again time.Duration, err error) {
	root, err := os.OpenRoot(w.cfg.Path)
	if errors.Is(err, fs.ErrNotExist) {
		w.waker.Watch(filepath.Dir(w.cfg.Path))
		w.live = false
		w.report(source.Waiting, "there is no such folder yet", nil)
		return w.cfg.Poll, nil
	}
	if err != nil {
		return 0, err
	}
	defer root.Close() //nolint:errcheck // opened for reading: nothing to lose
	l, err := w.look(ctx, root)
	if err != nil {
		return 0, err
	}
	w.seen = l.sights
	w.done.keep(l.there)
	maps.DeleteFunc(w.unread, func(id fileID, _ bool) bool { return !l.there[id] })
	w.waker.Watch(l.folders...)
	if err := w.read(ctx, root, l); err != nil {
		return 0, err
	}
	w.live = true
	w.report(source.Live, strings.Join(l.problems, "; "), new(uint64(l.changing)))
	if l.changing > 0 {
		return min(w.cfg.Settle, w.cfg.Poll), nil
	}
	return w.cfg.Poll, nil
}

func (w *watch) report(state source.State, detail string, lag *uint64) {
	w.sink.Report(source.Status{State: state, Detail: detail, Lag: lag})
}

// look lists the folder and all below it, links left alone.
func (w *watch) look(ctx context.Context, root *os.Root) (*listing, error) {
	l := &listing{there: map[fileID]bool{}, sights: map[string]sight{}}
	now := time.Now()
	err := fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return l.failed(path, d, err)
		case d.IsDir():
			return l.enter(w.cfg.Path, path)
		case d.Type().IsRegular():
			return w.meet(l, path, d, now)
		}
		return nil
	})
	slices.SortFunc(l.ready, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	return l, err
}

// failed notes what cannot be listed, unless it is only gone again.
func (l *listing) failed(path string, d fs.DirEntry, err error) error {
	if path == "." {
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		l.problem("a folder cannot be listed: " + reason(err))
	}
	if d != nil && d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// problem notes what is wrong, each only once.
func (l *listing) problem(text string) {
	if !slices.Contains(l.problems, text) && len(l.problems) < 8 {
		l.problems = append(l.problems, text)
	}
}

func (l *listing) enter(base, path string) error {
	if strings.Count(path, "/") >= maxLevels {
		l.problem(fmt.Sprintf("folders deeper than %d levels are not read", maxLevels))
		return fs.SkipDir
	}
	if len(l.folders) < wake.MaxWatched {
		l.folders = append(l.folders, filepath.Join(base, filepath.FromSlash(path)))
	}
	return nil
}

// meet sorts a file in: read, ready, or still changing.
func (w *watch) meet(l *listing, path string, d fs.DirEntry, now time.Time) error {
	info, err := d.Info()
	if err != nil {
		return l.failed(path, d, err)
	}
	id := newFileID(w.cfg.Marker, path, info)
	if len(l.there) >= maxFiles {
		l.problem(fmt.Sprintf("of more than %d files the rest is not read", maxFiles))
		return fs.SkipAll
	}
	l.there[id] = true
	if !w.done.done[id] {
		w.done.rename(id, w.cfg.Marker.Marks(stateOf(path, info)))
	}
	switch {
	case w.done.done[id]:
	case w.settled(path, id, info, now):
		l.ready = append(l.ready, candidate{path, info, id})
	default:
		l.changing++
		l.sights[path] = sight{id, now}
		if s := w.seen[path]; s.id == id {
			l.sights[path] = s
		}
	}
	return nil
}

// settled says whether a file has not changed for a while: by its own time of
// change, or, when that lies in the future, by what was seen of it.
func (w *watch) settled(path string, id fileID, info fs.FileInfo, now time.Time) bool {
	if age := now.Sub(info.ModTime()); age >= w.cfg.Settle {
		return true
	}
	s, ok := w.seen[path]
	return ok && s.id == id && now.Sub(s.since) >= w.cfg.Settle
}

// reason is an error without the path, which may hold what it should not.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
