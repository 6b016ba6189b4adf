package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/id"
)

// filePoll is how often the configuration file is looked at. A file is taken
// when it was the same twice, so that one that is being written is not.
const filePoll = 2 * time.Second

// startReload listens for SIGHUP and looks at the configuration file. Without a
// file the signal is taken all the same: it must not end the server.
func (n *node) startReload(context.Context) (stopFunc, error) {
	n.reloader.now = n.given
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	stop := func(context.Context) error { signal.Stop(hup); return nil }
	return stop, n.add("config", func(ctx context.Context) error { return n.followConfig(ctx, hup) })
}

// followConfig reloads when somebody asks or the file has changed.
func (n *node) followConfig(ctx context.Context, hup <-chan os.Signal) error {
	w := fileWatch{digest: func() ([sha256.Size]byte, bool) { return digestOf(n.reloader.file) }, taken: n.given.Sum}
	documents := n.watchDocuments()
	tick := time.NewTicker(filePoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
			w.take() // before it is read: what is written meanwhile is news
			documents.take()
			n.reloadFor(ctx, "SIGHUP")
		case <-tick.C:
			if w.look() {
				documents.take()
				n.reloadFor(ctx, "a change of the file")
			}
			if documents.look() {
				n.reloadFor(ctx, "a change of a file that it names")
			}
		}
	}
}

// watchDocuments watches the files that the configuration names. Those that were read
// at the start are in force.
func (n *node) watchDocuments() *fileWatch {
	w := &fileWatch{digest: func() ([sha256.Size]byte, bool) { return digestOfAll(n.documentFiles()) }}
	w.take()
	if !n.documentsAreInForce() {
		w.taken = [sha256.Size]byte{}
	}
	return w
}

// documentsAreInForce reports whether the files hold what was read of them.
func (n *node) documentsAreInForce() bool {
	rules, _ := digestOfAll(n.given.Anomaly.Rules)
	playbooks, _ := digestOfAll(n.given.Respond.Playbooks)
	return rules == n.anomalyRules.sum && playbooks == n.playbooks.sum
}

// reloadFor reloads on behalf of the system. What is wrong is in the log
// already when it is the file.
func (n *node) reloadFor(ctx context.Context, cause string) {
	by := audit.Entry{
		ID: id.New(), Time: time.Now().UTC(), Actor: audit.Actor{Kind: systemActor, Name: n.name}, Action: "config.reload", Reason: cause,
	}
	_, err := n.Reload(ctx, by)
	var bad *api.ConfigError
	if err != nil && (!errors.As(err, &bad) || n.reloader.load == nil) {
		n.log.Error("configuration not reloaded", "cause", cause, "error", err)
	}
}

// fileWatch notices that a file holds something else, by its content: a copy
// of the same file, or a link that is switched to another, is seen for what it
// is.
type fileWatch struct {
	digest func() ([sha256.Size]byte, bool)
	taken  [sha256.Size]byte // what is in force, or was refused
	last   [sha256.Size]byte
}

// look reports whether the file has come to rest on a new content.
func (w *fileWatch) look() bool {
	sum, ok := w.digest()
	if !ok {
		return false // it is being replaced, or gone: what is in force stays
	}
	rests := sum == w.last
	w.last = sum
	if !rests || sum == w.taken {
		return false
	}
	w.taken = sum
	return true
}

// take makes the file as it is now no news: it is about to be read for another
// reason.
func (w *fileWatch) take() {
	if sum, ok := w.digest(); ok {
		w.taken, w.last = sum, sum
	}
}

func digestOf(path string) (sum [sha256.Size]byte, ok bool) {
	if path == "" {
		return sum, false
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxConfig {
		return sum, false
	}
	b, err := os.ReadFile(path)
	return sha256.Sum256(b), err == nil
}

// maxConfig is the largest file that is looked at; config.Load refuses larger
// ones, too.
const maxConfig = 4 << 20
