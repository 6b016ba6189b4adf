package app

import (
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/supervise"
)

// The plan's checks have its names: hypercore, database, bzzz and alerts; those
// of the others are their kinds.
func TestHowASourceIsJudged(t *testing.T) {
	for _, c := range []struct {
		name               string
		source             api.Source
		kind, want, detail string
	}{
		{"what is followed", api.Source{Kind: "hypercore", State: string(source.Live)}, "hypercore", ok, ""},
		{"a BZZZ log", api.Source{Kind: "bzzz-log", State: string(source.Live)}, "bzzz", ok, ""},
		{"what has news for people but is whole", api.Source{Kind: "hypercore", State: string(source.Live), Detail: "fork 1"}, "hypercore", ok, "fork 1"},
		{"a log with damaged blocks", api.Source{Kind: "hypercore", State: string(source.Live), Damaged: true, Detail: "damaged blocks: 3"}, "hypercore", degraded, "damaged blocks: 3"},
		{"a broken chain, of which another word was last", api.Source{Kind: "bzzz-log", State: string(source.Live), Damaged: true}, "bzzz", degraded,
			"a part of it could not be read or did not verify; the log says which"},
		{"damage does not hide a failure", api.Source{Kind: "hypercore", State: string(source.Failing), Damaged: true, Detail: "no rights"}, "hypercore", failing, "no rights"},
		{"a path that is not there", api.Source{Kind: "dir", State: string(source.Waiting)}, "dir", degraded, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sourceCheck(c.source); got.Kind != c.kind || got.Status != c.want || got.Detail != c.detail {
				t.Errorf("check %+v, want kind %s, status %s, detail %q", got, c.kind, c.want, c.detail)
			}
		})
	}
}

func TestAWorkerThatSomebodyStoppedIsNotOK(t *testing.T) {
	for detail, want := range map[string]string{supervise.Finished: ok, "stopped by ada": degraded} {
		if got := workerCheck(supervise.Worker{Name: "leak-chat", State: supervise.Stopped, Detail: detail}); got.Status != want {
			t.Errorf("%s: status %s, want %s", detail, got.Status, want)
		}
	}
}
