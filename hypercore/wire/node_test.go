//go:build servers

package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// These tests run the npm packages: npm ci in test/hypercore-node comes first.
const nodeDir = "../../test/hypercore-node"

// runNode runs a script to its end, with input on its standard input.
func runNode(t *testing.T, input []byte, script string, args ...string) []byte {
	t.Helper()
	if _, err := os.Stat(filepath.Join(nodeDir, "node_modules")); err != nil {
		t.Fatalf("run npm ci in test/hypercore-node first: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join(nodeDir, script)}, args...)...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return out
}

func TestSecretstreamIsWhatSodiumNativeMakesNow(t *testing.T) {
	checkVectors(t, readVectors(t, runNode(t, nil, "secretstream.mjs")))
}

// Sodium opens what is sealed here, across changes of the key.
func TestSodiumNativeOpensOurBoxes(t *testing.T) {
	s, header := newSealer([32]byte{7})
	in := struct {
		K     []byte   `json:"k"`
		H     []byte   `json:"h"`
		Boxes [][]byte `json:"boxes"`
	}{K: append([]byte{7}, make([]byte, 31)...), H: header[:]}
	var want [][]byte
	var tags []byte
	for i := range 100 {
		message, tag := bytes.Repeat([]byte{byte(i)}, i*i), byte(tagMessage)
		if i%9 == 8 {
			tag = tagRekey
		}
		want, tags = append(want, message), append(tags, tag)
		in.Boxes = append(in.Boxes, s.seal(nil, message, tag))
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Messages [][]byte `json:"messages"`
		Tags     []int    `json:"tags"`
	}
	if err := json.Unmarshal(runNode(t, text, "secretstream.mjs", "open"), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Messages) != len(want) {
		t.Fatalf("%d messages of %d", len(out.Messages), len(want))
	}
	for i := range want {
		if !bytes.Equal(out.Messages[i], want[i]) || out.Tags[i] != int(tags[i]) {
			t.Errorf("message %d is another", i)
		}
	}
}
