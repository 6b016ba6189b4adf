//go:build servers && unix

package nginx

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/testdebian"
)

// start runs Debian's nginx, which logs to the file that is returned, and by
// syslog.
func start(t *testing.T) (address, log string, syslog net.PacketConn) {
	t.Helper()
	syslog, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syslog.Close() })
	dir := servicetest.Folder(t)
	address, log = "127.0.0.1:"+servicetest.Port(t), filepath.Join(dir, "access.log")
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "scgi", "uwsgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	text := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; lock_file %[1]s/lock;
		events { worker_connections 64; }
		http {
			%[3]s
			access_log %[4]s combined; access_log syslog:server=%[5]s combined;
			server { listen %[2]s; location / { return 204; } location /secret { auth_basic x; auth_basic_user_file %[1]s/users; } }
		}`, dir, address, temporary, log, syslog.LocalAddr())
	for name, text := range map[string]string{"nginx.conf": text, "users": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	servicetest.Peer(t, address, testdebian.Program(t, "nginx", "nginx"), "-c", dir+"/nginx.conf", "-e", dir+"/error.log")
	return address, log, syslog
}

// ask sends a request and waits for the end of the answer.
func ask(t *testing.T, address, request string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(c) // a reset is an end, too
}

// What Debian's nginx logs of a request is a record of that request, from a file
// and from syslog.
func TestWhatDebiansServerLogs(t *testing.T) {
	const end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	tests := []struct {
		request, user string
		want          map[string]string
	}{
		{"GET /a?b=%27c" + end + "User-Agent: a \"b\" \\c\r\nReferer: http://x/\r\n\r\n", "",
			map[string]string{"method": "GET", "path": "/a?b=%27c", "status": "204", "bytes": "0", "user_agent": `a "b" \c`, "referer": "http://x/"}},
		{"GET /..%2f..%2fetc/passwd" + end + "\r\n", "", map[string]string{"method": "GET", "path": "/..%2f..%2fetc/passwd", "status": "400"}},
		{"GET /\" 200 1 \"-\" \"x" + end + "\r\n", "", map[string]string{"method": "GET", "path": `/" 200 1 "-" "x`, "status": "400"}},
		{"GET /secret" + end + "Authorization: Basic YSBiIFswMS9KYW4vMjAyMDpw\r\n\r\n", `a b [01/Jan/2020`,
			map[string]string{"method": "GET", "path": "/secret", "status": "401"}},
		{"\x16\x03\x01\x00\xa5\x01\r\n\r\n", "", map[string]string{"request": `\x16\x03\x01\x00\xA5\x01`, "status": "400"}},
	}
	address, log, syslog := start(t)
	for _, tt := range tests {
		before := time.Now().Add(-time.Second)
		ask(t, address, tt.request)
		for from, got := range map[string]parse.Record{"file": lastLine(t, log, tt.request), "syslog": datagram(t, syslog)} {
			if got.SourceIP.String() != "127.0.0.1" || got.User != tt.user || got.Time.Before(before) || got.Time.After(time.Now()) {
				t.Errorf("%q is by %s %+v", tt.request, from, got)
			}
			for key, want := range tt.want {
				if got.Attributes[key] != want {
					t.Errorf("%q has by %s the %s %q, want %q", tt.request, from, key, got.Attributes[key], want)
				}
			}
		}
	}
}

func read(t *testing.T, line []byte) parse.Record {
	t.Helper()
	got := parse.NewReader([]parse.Plugin{Plugin()}).Read(nil, line, time.Now())
	if len(got) != 1 {
		t.Fatalf("%q is %d records", line, len(got))
	}
	return got[0]
}

// lastLine waits for the line of a request, which is logged behind its answer,
// and takes it off the log.
func lastLine(t *testing.T, log, request string) parse.Record {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasSuffix(text, []byte("\n")) {
			if err := os.Truncate(log, 0); err != nil {
				t.Fatal(err)
			}
			return read(t, text)
		}
	}
	t.Fatalf("%q was not logged", request)
	return parse.Record{}
}

func datagram(t *testing.T, syslog net.PacketConn) parse.Record {
	t.Helper()
	buf := make([]byte, 64<<10)
	_ = syslog.SetReadDeadline(time.Now().Add(2 * time.Minute))
	n, _, err := syslog.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, slices.Clone(buf[:n]))
}
