package egress

import (
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// What nobody looked at so far is cut when a policy comes that wants it looked at.
func TestAPolicyThatLooksCutsWhatNobodyLookedAt(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (*world, *raw){
		"a WebSocket": func(t *testing.T) (*world, *raw) {
			w, _ := inspected(t, leakPolicy)
			w.route("203.0.113.9:80", openRoom(t, "", "").addr)
			w.gw.o.Inspector = notYet(w)
			c := w.upgrade("").say(frame(wsframe.Binary, true, "as it is"))
			c.expect("\x81\x02ok")
			return w, c
		},
		"a WebSocket from outside": func(t *testing.T) (*world, *raw) {
			p := serveProgram(t, "", "")
			w, connect := fromOutside(t, "false", p)
			w.gw.o.Inspector = notYet(w)
			c := connect().say(knock(ourPage))
			c.answer("GET")
			c.say(text("one")).expect("\x81\x03one")
			return w, c
		},
		"a body": func(t *testing.T) (*world, *raw) {
			w, _ := inspected(t, leakPolicy)
			w.gw.o.Inspector = notYet(w)
			c := w.connect().say("POST http://api.example/x HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nas it is\r\n")
			eventually(t, "a part of the body", func() bool { all := w.gw.Flows(0); return len(all) == 1 && all[0].BytesOut > 0 })
			return w, c
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, c := open(t)
			if n := w.gw.Rejudge(); n != 0 {
				t.Errorf("%d were cut though nothing has changed", n)
			}
			w.looks.Store(true)
			if n := w.gw.Rejudge(); n != 1 {
				t.Errorf("%d were cut", n)
			}
			c.over()
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if cut := w.ends()[0].Cut; cut != "the policy now wants its messages looked at" {
				t.Errorf("cut for %q", cut)
			}
		})
	}
}

// notYet is the world's inspector, from when it looks.
func notYet(w *world) func() *dlp.Inspector {
	inspector := w.gw.o.Inspector
	return func() *dlp.Inspector {
		if w.looks.Load() {
			return inspector()
		}
		return nil
	}
}
