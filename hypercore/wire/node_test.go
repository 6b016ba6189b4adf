//go:build servers

package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// told is what stream.mjs says about its end.
type told struct {
	Port  int    `json:"port"`
	Hash  string `json:"hash"`
	Own   string `json:"key"`
	Peer  string `json:"remote"`
	Error string `json:"error"`
}

// end is a running stream.mjs.
type end struct {
	t   *testing.T
	cmd *exec.Cmd
	out *json.Decoder
}

func startEnd(t *testing.T, role, where string) *end {
	t.Helper()
	e := &end{t: t, cmd: exec.Command("node", filepath.Join(nodeDir, "stream.mjs"), role, where)}
	e.cmd.Stderr = os.Stderr
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	e.out = json.NewDecoder(out)
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.cmd.Process.Kill(); e.cmd.Wait() })
	return e
}

func (e *end) hear() (what told) {
	e.t.Helper()
	if err := e.out.Decode(&what); err != nil || what.Error != "" {
		e.t.Fatalf("node: %v %s", err, what.Error)
	}
	return what
}

// meet makes a network connection with a stream.mjs of a role that listens or dials.
func meet(t *testing.T, role string, dials bool) (*end, net.Conn) {
	t.Helper()
	if !dials {
		e := startEnd(t, role, "listen")
		nc, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(e.hear().Port)))
		if err != nil {
			t.Fatal(err)
		}
		return e, nc
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := startEnd(t, role, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return e, nc
}

// Every way in which an npm secret-stream and ours can meet: whoever dials, whoever begins.
func TestSecretStreamOfNpm(t *testing.T) {
	for _, dials := range []bool{true, false} {
		for _, role := range []Role{Initiator, Responder} {
			t.Run(fmt.Sprintf("node dials %v, we are %s", dials, role), func(t *testing.T) {
				node, nc := meet(t, (!role).String(), dials)
				defer nc.Close()
				keys := KeyPairFromSeed([32]byte{5})
				c, err := Handshake(t.Context(), nc, role, Options{Keys: keys})
				if err != nil {
					t.Fatal(err)
				}
				says := node.hear()
				hash, remote := c.HandshakeHash(), c.RemoteKey()
				got := told{Hash: hex.EncodeToString(hash[:]), Own: hex.EncodeToString(remote[:]), Peer: hex.EncodeToString(keys.Public[:])}
				if got != says {
					t.Errorf("we know %+v, node %+v", got, says)
				}
				exchangeSizes(t, c)
			})
		}
	}
}

func exchangeSizes(t *testing.T, c *Conn) {
	t.Helper()
	for _, size := range []int{1, 16, 17, 65535, 1 << 20, MaxFrame} {
		want := bytes.Repeat([]byte{byte(size + 1)}, size)
		if err := c.Write(want); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Read(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes became %d, %v", size, len(got), err)
		}
	}
	for range 1000 { // many boxes, each of which changes the nonce
		if err := c.Write([]byte("again")); err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 {
		if got, err := c.Read(); err != nil || string(got) != "again" {
			t.Fatalf("%q, %v", got, err)
		}
	}
}
