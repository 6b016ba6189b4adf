//go:build servers && unix

package http

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// debians starts Debian's nginx with Debian's configuration, as far as answers
// depend on it, and the files of a site.
func debians(t *testing.T, files map[string]file, more string) string {
	t.Helper()
	dir, address := servicetest.Folder(t), "127.0.0.1:"+servicetest.Port(t)
	for name, f := range files {
		path := filepath.Join(dir, "site", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.content, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, f.modified, f.modified); err != nil {
			t.Fatal(err)
		}
	}
	configure(t, dir, address, more)
	servicetest.Peer(t, address, testdebian.Program(t, "nginx", "nginx"), "-c", dir+"/nginx.conf", "-e", dir+"/error.log")
	return address
}

func configure(t *testing.T, dir, address, more string) {
	t.Helper()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "scgi", "uwsgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	text := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; lock_file %[1]s/lock;
		events { worker_connections 768; }
		http {
			%[3]s
			sendfile on; tcp_nopush on; types_hash_max_size 2048; access_log off; gzip on;
			types { text/html html; text/plain txt; image/x-icon ico; text/css css; } default_type application/octet-stream;
			server {
				listen %[2]s default_server; root %[1]s/site; index index.html index.htm index.nginx-debian.html; server_name _;
				location / { try_files $uri $uri/ =404; }
				%[4]s
			}
		}`, dir, address, temporary, more)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withDocs is Debian's page and a folder without a page of its own.
func withDocs(s *server) {
	f := s.site.files["/index.nginx-debian.html"]
	s.site.files["/docs/readme.txt"] = file{"text/plain", []byte("Read me.\n"), f.modified}
}

// play sends all that a client says, and returns all that comes back.
func play(t *testing.T, address, said string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, said); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c)
	if err != nil {
		answer = append(answer, "(reset)"...)
	}
	return string(answer)
}

// canonical takes out of an answer what differs from one moment to another.
func canonical(answer, address string) string {
	_, port, _ := net.SplitHostPort(address)
	answer = regexp.MustCompile(`\r\nDate: [^\r]*`).ReplaceAllString(answer, "\r\nDate: D")
	answer = regexp.MustCompile(`\b0000\d{16}\b`).ReplaceAllString(answer, "BOUNDARY")
	return strings.ReplaceAll(answer, ":"+port+"/", ":PORT/")
}

// transcript reads what clients say in testdata/transcript.txt.
func transcript(t *testing.T, f file) (said []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "transcript.txt"))
	if err != nil {
		t.Fatal(err)
	}
	repeated := regexp.MustCompile(`\{(.)\*(\d+)\}`)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		line, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
		if err != nil {
			t.Fatal(err)
		}
		line = repeated.ReplaceAllStringFunc(line, func(s string) string {
			m := repeated.FindStringSubmatch(s)
			n, _ := strconv.Atoi(m[2])
			return strings.Repeat(m[1], n)
		})
		said = append(said, strings.NewReplacer("{date}", f.modified.UTC().Format(httpTime), "{tag}", f.tag()).Replace(line))
	}
	return said
}

// Every answer of the decky is the bytes that Debian's server sends.
func TestTheTranscriptIsTheRealServers(t *testing.T) {
	s := made(t, nil)
	withDocs(s)
	decky, peer := servicetest.Listen(t, "http", s).Address, debians(t, s.site.files, "")
	all := transcript(t, s.site.files["/index.nginx-debian.html"])
	for _, said := range all {
		got, want := canonical(play(t, decky, said), decky), canonical(play(t, peer, said), peer)
		if got != want {
			t.Errorf("%.200q\n got %.900q\nwant %.900q", said, got, want)
		}
	}
	if len(all) < 200 {
		t.Errorf("only %d requests are compared", len(all))
	}
}

// What a password protects is asked for as the real server does.
func TestAPasswordIsAskedForAsTheRealServerDoes(t *testing.T) {
	const ask = `location /admin { auth_basic "Staff only"; auth_basic_user_file %s; try_files $uri $uri/ =404; }`
	s := made(t, service.Config{"basic": "Staff only"})
	users := filepath.Join(servicetest.Folder(t), "users")
	if err := os.WriteFile(users, []byte("nobody:{PLAIN}"+rand.Text()+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	decky, peer := servicetest.Listen(t, "http", s).Address, debians(t, s.site.files, fmt.Sprintf(ask, users))
	login := base64.StdEncoding.EncodeToString([]byte("nobody:x"))
	for _, said := range []string{
		"GET /admin HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n",
		"GET /administrator/ HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nUser-Agent: Chrome/1\r\n\r\n",
		"GET /admin/ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic " + login + "\r\n\r\n",
		"HEAD /x/../admin HTTP/1.1\r\nHost: a\r\nAuthorization: Basic x\r\n\r\n",
		"POST /admin HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
		"GET /Admin HTTP/1.0\r\n\r\n",
		"GET /admin\r\n",
	} {
		if got, want := canonical(play(t, decky, said), decky), canonical(play(t, peer, said), peer); got != want {
			t.Errorf("%q\n got %q\nwant %q", said, got, want)
		}
	}
}

// curl, as most who look at a web server use, is content with the decky.
func TestCurl(t *testing.T) {
	d := servicetest.Listen(t, "http", made(t, nil))
	curl := testdebian.Program(t, "curl", "curl")
	for _, c := range []struct{ args, want string }{
		{"-sS --compressed", "<h1>Welcome to nginx!</h1>"},
		{"-sS -I", "Server: nginx/1.22.1"},
		{"-sS -r 0-14", "<!DOCTYPE html>"},
		{"-sS -X PUT -o /dev/null -w %{http_code}", "405"},
		{"-sS -d a=b -o /dev/null -w %{http_code}", "405"},
		{"-sS --http0.9 -o /dev/null -w %{http_code}", "200"},
	} {
		out, err := exec.Command(curl, append(strings.Fields(c.args), "http://"+d.Address+"/")...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("curl %s: %v\n%s", c.args, err, out)
		}
	}
}
