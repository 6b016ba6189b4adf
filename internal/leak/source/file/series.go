package file

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxSeries bounds the rotated files that are looked at, newest first.
const maxSeries = 256

// rotated is what rotation adds to a name: .1, -20261121, .2026-11-21T10:00, .old,
// or -2026112110.backup: so logrotate calls what a writer made anew before it did.
var rotated = regexp.MustCompile(`^[._-](?:[0-9][0-9._:T-]*(?:\.backup)?|old|bak|prev)$`)

// packing is how a file is compressed.
type packing string

// The packings; those of other are not read.
const (
	plain   packing = ""
	gzipped packing = ".gz"
	bzipped packing = ".bz2"
	other   packing = "other"
)

// physical is a file of the series as one look found it.
type physical struct {
	path string // to open it
	name string // its own, for people
	key  string
	info fs.FileInfo
	live bool // the path leads to it
	pack packing
	// settled says that what changes it after it was listed gives it another state.
	settled bool
}

// state tells one state of one file from all others.
func (p physical) state() string {
	return fmt.Sprintf("%s %d %d", p.key, p.info.Size(), p.info.ModTime().UnixNano())
}

// tick is longer than any file system takes to give a change a time of its own.
const tick = 100 * time.Millisecond

// settled says that a change after now would give a file another state. (A time
// that lies in the future says nothing, and is believed.)
func settled(info fs.FileInfo, now time.Time) bool {
	age := now.Sub(info.ModTime())
	return age > tick || age < 0
}

// list looks for the file and for what was rotated away: first the oldest, last
// the one that the path leads to.
func (f *follower) list() ([]physical, error) {
	var all []physical
	live, err := f.stat(f.cfg.Path)
	switch {
	case err == nil:
		live.live, live.pack = true, plain
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	f.linked = f.disk.isLink(f.cfg.Path)
	f.dirs = f.folders()
	for _, dir := range f.dirs {
		found, err := f.listFolder(dir, live)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b physical) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(b.name, a.name))
	})
	if len(all) > maxSeries {
		f.problem(fmt.Sprintf("of %d rotated files only the newest %d are read", len(all), maxSeries))
		all = all[len(all)-maxSeries:]
	}
	if live.live {
		all = append(all, live)
	}
	return all, nil
}

// stat describes the file that a path leads to.
func (f *follower) stat(path string) (physical, error) {
	now := time.Now()
	info, err := f.disk.stat(path)
	if err != nil {
		return physical{}, err // it names path and operation
	}
	if !info.Mode().IsRegular() {
		return physical{}, errors.New("not a regular file")
	}
	key := keyOf(f.cfg.Marker, path, info)
	return physical{path: path, name: filepath.Base(path), key: key, info: info, settled: settled(info, now)}, nil
}

// folders are the one of the path and, when that is a link, the one it leads to.
func (f *follower) folders() []string {
	dirs := []string{filepath.Dir(f.cfg.Path)}
	if target, err := f.disk.resolve(f.cfg.Path); err == nil {
		if real, err := f.disk.resolve(dirs[0]); err != nil || filepath.Dir(target) != real {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	return dirs
}

// listFolder lists what belongs to the series by its name, or because it was
// read before.
func (f *follower) listFolder(dir string, live physical) ([]physical, error) {
	entries, err := f.disk.readDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []physical
	for _, e := range entries {
		pack, belongs := f.belongs(e.Name())
		if !e.Type().IsRegular() || !belongs && !f.linked {
			continue
		}
		p, err := f.stat(filepath.Join(dir, e.Name()))
		// What is gone again may have another name, that was not there to be listed.
		f.moved = f.moved || belongs && errors.Is(err, fs.ErrNotExist)
		if err != nil || p.key == live.key || !belongs && f.byKey(p.key) == nil {
			continue // not of this series
		}
		p.pack = pack
		all = append(all, p)
	}
	return all, nil
}

// belongs says whether a name is that of the file with something added by
// rotation, at its end or before its extension, and how it is compressed.
func (f *follower) belongs(name string) (packing, bool) {
	base := filepath.Base(f.cfg.Path)
	if name == base {
		return plain, false
	}
	name, pack := unpackedName(name)
	if rest, ok := strings.CutPrefix(name, base); ok {
		return pack, rotated.MatchString(rest) || rest == "" && pack != plain
	}
	ext := filepath.Ext(base)
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(base, ext))
	if !ok || ext == "" {
		return plain, false
	}
	rest, ok = strings.CutSuffix(rest, ext)
	return pack, ok && rotated.MatchString(rest)
}

func unpackedName(name string) (string, packing) {
	switch ext := filepath.Ext(name); ext {
	case string(gzipped), string(bzipped):
		return strings.TrimSuffix(name, ext), packing(ext)
	case ".xz", ".zst", ".lz4", ".Z":
		return strings.TrimSuffix(name, ext), other
	}
	return name, plain
}
