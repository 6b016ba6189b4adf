//go:build servers && unix

package telnet

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// telnetd runs Debian's server for each connection, as inetd does, by an ordinary
// user; instead of login it runs a program that asks and then listens, and minds no
// signals. It returns where.
func telnetd(t *testing.T) string {
	t.Helper()
	program := testdebian.Program(t, "inetutils-telnetd", "telnetd")
	asks := filepath.Join(servicetest.Folder(t), "asks")
	if err := os.WriteFile(asks, []byte("#!/bin/sh\ntrap '' INT QUIT TSTP\nprintf 'vm login: '\nexec cat >/dev/null\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(t, c.(*net.TCPConn), program, asks)
		}
	}()
	return l.Addr().String()
}

func serve(t *testing.T, c *net.TCPConn, program, asks string) {
	defer c.Close()
	f, err := c.File()
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	cmd := servicetest.Ordinary(exec.Command(program, "-E", asks))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = f, f, f
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// Steps of a client that are in many conversations.
const (
	noLogin   = "fffe25 fffe26"                                // no authentication, no encryption
	nothing   = noLogin + "fffc18 fffc20 fffc23 fffc27 fffc24" // none of the details
	refuses   = "fffd03 fffc01 fffc22 fffc1f fffe05 fffc21"    // what telnetd asks then
	plain     = "fffd01 fffc06"
	debianSLC = "fffa22 03 010000 036203 04020f 050000 07621c 080204 09421a 0a027f 0b0215 0c0217 0d0212 0e0216 0f0211 100213 110000 120000 fff0"
)

// conversations are what clients say, step by step, in hexadecimal or behind = as
// it is.
func conversations() map[string][]string {
	at := []string{nothing, refuses, plain}
	return map[string][]string{
		"a client that refuses everything":   append(at, "=root\r\n"),
		"one that takes its time":            {noLogin, "fffc18", "fffc20 fffc23", "fffc27 fffc24", "fffc1f", "fffc01", "fffc22", "fffc06"},
		"a terminal and its window":          {noLogin + "fffb18 fffc20 fffc23 fffc27 fffc24", "fffa18 00 585445524d fff0", "fffd03 fffc01 fffc22 fffb1f fffa1f 0050 0018 fff0 fffe05 fffc21", plain},
		"an unknown terminal":                {noLogin + "fffb18 fffc20 fffc23 fffc27 fffc24", "fffa18 00 6e6f73 fff0", "fffa18 00 6e6f73 fff0", refuses, plain},
		"three unknown terminals":            {noLogin + "fffb18 fffc20 fffc23 fffc27 fffc24", "fffa18 00 6e6f73 fff0", "fffa18 00 6e6f7362 fff0", "fffa18 00 6e6f7363 fff0", "fffa18 00 6e6f7363 fff0", "fffa18 00 6e6f73 fff0", refuses},
		"a known terminal behind an unknown": {noLogin + "fffb18 fffc20 fffc23 fffc27 fffc24", "fffa18 00 6e6f73 fff0", "fffa18 00 7674313030 fff0", refuses},
		"a terminal that is withdrawn":       {noLogin + "fffb18 fffc20 fffc23 fffc27 fffc24", "fffc18", refuses},
		"all details":                        {noLogin + "fffb18 fffb20 fffb23 fffb27 fffb24", "fffa20 00 33383430302c3338343030 fff0 fffa23 00 783a30 fff0 fffa27 00 fff0 fffa24 00 fff0 fffa18 00 7674313030 fff0", refuses, plain},
		"a name to log in with":              {noLogin + "fffc18 fffc20 fffc23 fffb27 fffc24", "fffa27 00 00 55534552 01 2d6620726f6f74 fff0", refuses, plain},
		"authentication":                     {"fffb25", "fffc25", nothing, refuses},
		"encryption":                         {"fffb26", "fffc26", nothing, refuses},
		"Debian's client":                    {"fffd25 fffd26 fffa26 01 fff0 fffb18 fffb20 fffc23 fffb27 fffc24", "fffa20 00 33383430302c3338343030 fff0 fffa27 00 fff0 fffa18 00 585445524d fff0", "fffd03 fffc01 fffb22" + debianSLC + "fffb1f fffa1f 00000000 fff0 fffd05 fffb21", "fffa22 01 07 fff0", "fffd01 fffb00 fffc22", "=anna\r"},
		"wishes before the questions":        {"fffd03 fffd01 fffb1f" + nothing, refuses},
		"a client that echoes":               {nothing, "fffb01 fffb1f fffa1f 0050 0018 fff0", "fffc01 fffd01 fffb06", "fffd03", "fffe03", "=abc\r"},
		"a client that marks time":           {nothing, "fffc01 fffc22 fffc1f", "fffd01 fffb06", "fffd03", "=abc\r\n"},
		"a client that leaves kludges":       {nothing, refuses, plain, "fffb06", "fffd03 fffe03 fffd03", "=abc\r\n"},
		"flow and status":                    {nothing, "fffc01 fffc22 fffc1f fffb21 fffd05", plain, "fffa05 01 fff0", "fffd00 fffb00", "fffa05 01 fff0", "fffe00 fffc00"},
		"linemode":                           {nothing, "fffb22 fffc01 fffc1f fffc21 fffd05", plain, "fffa05 01 fff0"},
		"linemode with keys at once":         {nothing, "fffb22" + debianSLC + "fffc01 fffc1f fffb21 fffd05", plain, "fffa05 01 fff0"},
		"linemode again":                     {nothing, "fffb22 fffc01 fffc1f fffc21 fffd05", "fffa22 01 07 fff0" + debianSLC, "fffd01 fffc06", "fffc22", "fffb22", "fffa05 01 fff0"},
		"keys that are negotiated":           {nothing, "fffb22 fffc01 fffc1f fffb21 fffd05", debianSLC, "fffa22 03 000300 fff0", "fffa22 03 000200 fff0", "fffa22 03 010301 020301 030301 040301 050301 060301 070301 080301 090301 fff0", "fffa22 03 0a0301 0b0301 0c0301 0d0301 0e0301 0f0301 100301 110301 120301 fff0", "fffa22 03 010105 020105 030105 040105 060105 0b0105 fff0", "fffa22 03 030202 038203 030000 040130 130140 201203 1500 fff0"},
		"hydra, that volunteers linemode":    {"fffb22" + noLogin + "fffc18 fffc20 fffc23 fffc27 fffc24", "=root\r\x00"},
		"linemode before it is asked for":    {"fffb22" + nothing, "fffd03 fffc01 fffc1f fffe05 fffc21", plain, "=abc\r\n"},
		"modes":                              {nothing, "fffb22 fffc01 fffc1f fffc21", "fffa22 01 01 fff0", "fffa22 01 05 fff0", "fffa22 01 1b fff0", "fffa22 01 ffff fff0", "fffa22 02 fff0"},
		"unknown options":                    append(at, "fffd63 fffb63", "fffe63 fffc63", "fffd63 fffb63 fffd63"),
		"options of ours":                    append(at, "fffd22 fffd18 fffd1f fffd05 fffe05 fffe01 fffd01 fffe03 fffd03"),
		"options of the client":              append(at, "fffb03 fffb05 fffb01 fffb2d", "fffc03 fffc01 fffb19 fffc19 fffb18 fffb20 fffb23"),
		"are you there, and timing":          append(at, "fff6", "fffd06", "fffd06 fffd06"),
		"commands that are keys":             append(at, "=ab", "fff7", "=cd", "fff8", "=ef", "fff4", "fff3", "fff1 fff9 fff2"),
		"commands that stop":                 append(at, "=ab", "fff5", "=cd"),
		"a subnegotiation that is cut":       append(at, "fffa1f 00", "500018", "fff0", "fffa18 00 61 ff f6", "=x"),
		"a subnegotiation without end":       append(at, "fffa18 00"+strings.Repeat("61", 900), "fff0", "=y"),
		"editing a line":                     append(at, "=ab\x7fc d\x17e\x15f\x16\x03g\x12h\x01x", "=\xc3\xa9", "=\r\n"),
		"line ends":                          append(at, "=a\r\x00", "=b\r\n", "=c\n", "=d\re\r"),
		"line ends as they are":              append(at, "fffb00", "=a\r", "=b\n"),
		"a doubled IAC":                      append(at, "61ffff62"),
		"logout":                             append(at, "fffd12"),
		"logout before":                      {nothing, "fffd12"},
	}
}

var bannerForm = regexp.MustCompile(`Linux \S+ \(\S+\) \(pts/\d+\)`)

func bytesOf(t *testing.T, step string) []byte {
	t.Helper()
	if text, ok := strings.CutPrefix(step, "="); ok {
		return []byte(text)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(step, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever a client says, it is answered with the bytes of Debian's telnetd.
func TestOptionsAreNegotiatedAsTelnetdDoes(t *testing.T) {
	address := telnetd(t)
	for name, steps := range conversations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			d := newDry(t)
			want, got := d.v.link.answer(), []byte(nil)
			got = hear(c, got, want)
			for i, step := range steps {
				b := bytesOf(t, step)
				want = append(want, d.say(b)...)
				if _, err := c.Write(b); err != nil {
					t.Fatal(err)
				}
				if got = hear(c, got, want); !bytes.Equal(seen(got), seen(want)) {
					t.Fatalf("step %d, %q:\ntelnetd: %s\ndecky:   %s", i+1, step, readable(seen(got)), readable(seen(want)))
				}
			}
			_ = c.(*net.TCPConn).CloseWrite() // telnetd ends
			_ = c.SetReadDeadline(time.Now().Add(2 * time.Minute))
			if more, err := io.ReadAll(c); len(more) > 0 || err != nil {
				t.Errorf("telnetd says more: %s, error %v", readable(more), err)
			}
		})
	}
}

// hear reads until as much was said as is wanted, or nothing comes any more.
func hear(c net.Conn, got, want []byte) []byte {
	b := make([]byte, 4096)
	for len(seen(got)) < len(seen(want)) {
		_ = c.SetReadDeadline(time.Now().Add(quiet))
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			return got
		}
	}
	return got
}

// quiet is how long telnetd may take for what it has to say.
const quiet = 20 * time.Second

// seen is what a client sees, less what names the place. What telnetd marks as
// urgent arrives out of band.
func seen(b []byte) []byte {
	b = bannerForm.ReplaceAll(b, []byte("BANNER"))
	return bytes.ReplaceAll(b, []byte{iac, dm}, []byte{dm})
}

func readable(b []byte) string {
	return strings.NewReplacer("\\xff\\xfb", " WILL", "\\xff\\xfc", " WONT", "\\xff\\xfd", " DO", "\\xff\\xfe", " DONT", "\\xff\\xfa", " SB").Replace(fmt.Sprintf("%q", b))
}
