package own

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/detect"
)

// Options say what is secret here.
type Options struct {
	Environ []string        // as os.Environ gives it
	AllEnv  bool            // learn of every variable whose name or value tells that it is secret
	Names   []string        // of variables that are learned whatever they are called
	Files   []string        // .env files, keys, tokens
	Scanner *detect.Scanner // knows the formats of secrets. If nil, names and files alone count.
	Every   time.Duration   // how often files are looked at for changes; if 0, 10 s
	Log     *slog.Logger    // If nil, discards.
}

// Keeper knows the secrets. It is safe for concurrent use.
type Keeper struct {
	o     Options
	keys  *keys
	files []stamp
	now   atomic.Pointer[index]
}

// stamp tells whether a file changed.
type stamp struct {
	size int64
	at   time.Time
}

// Open learns everything once. A file that cannot be read is an error: who names
// one wants it guarded. What is learned of the environment is not read again: it
// does not change.
func Open(o Options) (*Keeper, error) {
	if o.Every <= 0 {
		o.Every = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{o: o, files: make([]stamp, len(o.Files))}
	var err error
	if k.keys, err = newKeys(); err != nil {
		return nil, fmt.Errorf("learning this machine's secrets: %w", err)
	}
	k.changed()
	if err := k.learn(); err != nil {
		return nil, fmt.Errorf("learning this machine's secrets: %w", err)
	}
	return k, nil
}

// Find calls found for each stretch of text that one of the secrets has as well,
// and where that secret comes from, until it returns false. It keeps nothing.
func (k *Keeper) Find(text []byte, found func(start, end int, source string) bool) {
	k.now.Load().find(text, found)
}

// Windows is how much was learned: pieces of twelve characters.
func (k *Keeper) Windows() int { return len(k.now.Load().windows) }

// Run learns again when a file changed, until ctx ends. While a file cannot be
// read, what was known before stays.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(k.o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			k.refresh()
		}
	}
}

func (k *Keeper) refresh() {
	before := slices.Clone(k.files)
	if !k.changed() {
		return
	}
	if err := k.learn(); err != nil {
		k.files = before // so that it is tried again
		k.o.Log.Warn("egress.own_secrets: what was known before stays", "error", err)
	}
}

// changed notes the state of the files, and says whether it is another.
func (k *Keeper) changed() bool {
	other := false
	for i, path := range k.o.Files {
		now := stamp{}
		if info, err := os.Stat(path); err == nil {
			now = stamp{info.Size(), info.ModTime()}
		}
		other = other || now != k.files[i]
		k.files[i] = now
	}
	return other
}

func (k *Keeper) learn() error {
	l := newLearner(k.keys, k.o.Scanner)
	for _, v := range k.o.Environ {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case slices.Contains(k.o.Names, name):
			if !l.named([]byte(value[:min(len(value), mostValue)]), "the variable "+name) {
				k.o.Log.Warn("egress.own_secrets: nothing in the variable can be told from other text", "variable", name)
			}
		case k.o.AllEnv:
			l.setting(name, []byte(value), "the variable "+name, false)
		}
	}
	var errs []error
	for _, path := range k.o.Files {
		content, err := readFile(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		l.file(path, content)
		clear(content)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if l.full {
		k.o.Log.Warn("egress.own_secrets: there is more than is kept; name fewer files", "pieces", mostWindows)
	}
	k.now.Store(newIndex(k.keys, l.windows, l.sources))
	return nil
}
