package hypercore

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

func TestParsePeer(t *testing.T) {
	hex := strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		hex + "@10.0.0.5:4977":                      "10.0.0.5:4977",
		hex + "@[2001:db8::1]:4977":                 "[2001:db8::1]:4977",
		strings.ToUpper(hex) + "@core.example:4977": "core.example:4977",
		hex:                        "!give KEY@HOST:PORT",
		hex[1:] + "@10.0.0.5:4977": "!give KEY@HOST:PORT",
		hex + "0b@10.0.0.5:4977":   "!give KEY@HOST:PORT",
		"@10.0.0.5:4977":           "!give KEY@HOST:PORT",
		hex + "@10.0.0.5":          "!is no HOST:PORT",
		hex + "@:4977":             "!is no HOST:PORT",
		hex + "@":                  "!is no HOST:PORT",
		"/var/lib/core":            "!give KEY@HOST:PORT",
		strings.Repeat(hex, 1<<10): "!give KEY@HOST:PORT",
	} {
		key, address, err := ParsePeer(text)
		if why, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), why) || len(err.Error()) > 400 {
				t.Errorf("%.80q: %v, want %q", text, err, why)
			}
			continue
		}
		if err != nil || address != want || key[31] != 0x0a {
			t.Errorf("%q is %s at %s, %v", text, key, address, err)
		}
	}
}

// A peer that is away is waited for; one that lies, or has not what it should have, is a
// failure that somebody has to look at.
func TestStatesOfAPeer(t *testing.T) {
	for name, tt := range map[string]struct {
		of   peer.State
		want hypercore.Status
	}{
		"at the start":       {peer.State{Status: peer.Connecting}, hypercore.Waiting},
		"away":               {peer.State{Status: peer.Connecting, Err: io.EOF}, hypercore.Waiting},
		"slow":               {peer.State{Status: peer.Connecting, Err: peer.ErrTimeout}, hypercore.Waiting},
		"live":               {peer.State{Status: peer.Live, Position: 3, Length: 9}, hypercore.Live},
		"another core":       {peer.State{Status: peer.Connecting, Err: fmt.Errorf("x: %w", peer.ErrUnknownCore)}, hypercore.Unreadable},
		"no peer at all":     {peer.State{Status: peer.Connecting, Err: fmt.Errorf("x: %w", wire.ErrHandshake)}, hypercore.Unreadable},
		"knows not the key":  {peer.State{Status: peer.Connecting, Err: peer.ErrCapability}, hypercore.Unreadable},
		"lies":               {peer.State{Status: peer.Connecting, Err: peer.ErrProof}, hypercore.Unreadable},
		"older than we are":  {peer.State{Status: peer.Behind, Err: peer.ErrBehind}, hypercore.Unreadable},
		"has not all blocks": {peer.State{Status: peer.Incomplete, Err: peer.ErrWithheld}, hypercore.Unreadable},
	} {
		got := stateOf(tt.of)
		if got.Status != tt.want || got.Position != tt.of.Position || got.Length != tt.of.Length || tt.of.Err != nil && !errors.Is(got.Err, tt.of.Err) || tt.want == hypercore.Waiting && got.Err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
