//go:build servers && unix

package ftp

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// debians starts Debian's vsftpd as an ordinary user, which lets it serve those
// without a name only, and without a chroot. It returns its address and the
// folder that it serves.
func debians(t *testing.T) (address, root string) {
	t.Helper()
	dir := servicetest.Folder(t)
	root = filepath.Join(dir, "pub")
	address = testport.Addr(t)
	_, port, _ := net.SplitHostPort(address)
	settings := `listen=NO
listen_ipv6=YES
listen_port=` + port + `
run_as_launching_user=YES
anonymous_enable=YES
local_enable=NO
dirmessage_enable=YES
use_localtime=YES
xferlog_enable=NO
secure_chroot_dir=` + dir + `
anon_root=` + root + `
ftp_username=` + owner() + `
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
ssl_enable=NO
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
`
	file := filepath.Join(dir, "vsftpd.conf")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		for _, name := range []string{file, root} {
			if err := os.Chown(name, 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}
	}
	servicetest.Peer(t, address, testdebian.Program(t, "vsftpd", "vsftpd"), file)
	return address, root
}

// owner is who the real server runs as.
func owner() string {
	if os.Geteuid() == 0 {
		return "nobody"
	}
	return os.Getenv("USER")
}

// deckys is the decky that is set up like it.
func deckys(t *testing.T) string {
	return decky(t, newTiny(), quick(service.Config{"anonymous_enable": true, "anon_write_enable": true, "local_enable": false, "local_umask": "022"})).Address
}

// Every answer of the decky, every listing and every file is that of Debian's
// server.
func TestTheTranscriptIsTheRealServers(t *testing.T) {
	peer, root := debians(t)
	ours := deckys(t)
	text, err := os.ReadFile(filepath.Join("testdata", "transcript.txt"))
	if err != nil {
		t.Fatal(err)
	}
	script := unescape(string(text))
	var real, mine *talker
	compared, title := 0, ""
	for _, line := range strings.Split(script, "\n")[7:] {
		if name, ok := strings.CutPrefix(line, "== "); ok {
			real, mine, title = dial(t, peer), dial(t, ours), name
			continue
		}
		if real == nil {
			continue
		}
		if line == "" { // not answered
			real.send(line)
			mine.send(line)
			continue
		}
		got, want := plain(mine.play(line), "/srv/ftp"), plain(real.play(line), root)
		if compared++; got != want {
			t.Errorf("%s: %q\n got %q\nwant %q", title, line, got, want)
		}
		if strings.HasSuffix(want, "<end>") {
			real, mine = nil, nil
		}
	}
	if compared < 200 {
		t.Errorf("only %d lines are compared", compared)
	}
}

// unescape makes bytes of \n, \r and \xHH within lines.
func unescape(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, `\n`, "\x01"), `\r`, "\r")
	return regexp.MustCompile(`\\x[0-9a-f]{2}`).ReplaceAllStringFunc(s, func(h string) string {
		var b byte
		_, _ = fmt.Sscanf(h, `\x%02x`, &b)
		return string([]byte{b})
	})
}

// play does one line of the transcript.
func (w *talker) play(line string) string {
	w.t.Helper()
	kind, command, ok := strings.Cut(line, " ")
	if !ok || len(kind) != 1 {
		return w.ask(line)
	}
	switch kind {
	case "<":
		data, reply := w.get(command)
		return reply + data
	case ">":
		command, data, _ := strings.Cut(command, "|")
		return w.put(command, strings.ReplaceAll(data, "\x01", "\n"))
	case "!":
		w.ask("EPSV")
		c := w.data() // and is gone before it is of use
		_ = c.Close()
		return w.ask(command)
	}
	return w.ask(line)
}

// What differs by nature: ports, times, owners, who the client is logged in as,
// and where the folder is.
var (
	ports  = regexp.MustCompile(`\|\|\|\d+\||,\d+,\d+\)`)
	times  = regexp.MustCompile(`[A-Z][a-z]{2} \d\d (\d\d:\d\d| \d{4})`)
	owners = regexp.MustCompile(`(?m)^(\S{10} +\d+) \d+ +\d+ +(\d+ T)`)
	parent = regexp.MustCompile(`(?m)^d\S+ +\d+ O +\d+ T \.\.\r\n`)
	folder = regexp.MustCompile(`(?m)^(d\S+) +\d+ O +4096`)
	login  = regexp.MustCompile(`Logged in as \S+`)
	count  = regexp.MustCompile(`client count was \d+`)
)

func plain(s, root string) string {
	s = strings.ReplaceAll(s, root+"/", "/")
	s = strings.ReplaceAll(strings.ReplaceAll(s, `"`+root+`"`, `"/"`), root, "")
	s = ports.ReplaceAllString(s, "PORT")
	s = times.ReplaceAllString(s, "T")
	s = owners.ReplaceAllString(s, "$1 O $2")
	s = parent.ReplaceAllString(s, "")
	s = folder.ReplaceAllString(s, "$1 O")
	s = login.ReplaceAllString(s, "Logged in as U")
	return count.ReplaceAllString(s, "client count was N")
}

// run runs a client of Debian's.
func run(t *testing.T, pkg, program string, args ...string) (out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, testdebian.Program(t, pkg, program), args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "LANG=C", "LC_ALL=C", "no_proxy=*")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func TestLftpWorksOnIt(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	dir := t.TempDir()
	up := filepath.Join(dir, "drop.sh")
	if err := os.WriteFile(up, []byte("#!/bin/sh\necho x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	down := filepath.Join(dir, "notes.txt")
	out, err := run(t, "lftp", "lftp", "-c", fmt.Sprintf(
		"set net:max-retries 1; set net:timeout 60; set cmd:fail-exit yes; open -u anna,%s ftp://%s; pwd; ls; cd docs; put %s; mv drop.sh d2.sh; chmod 755 d2.sh; ls; cd ..; get notes.txt -o %s; mkdir m; rmdir m; rm docs/d2.sh; cls -l docs",
		secret, d.Address, up, down))
	if err != nil || !strings.Contains(out, "-rwxr-xr-x    1 1000     1000           17 ") {
		t.Errorf("lftp: %v\n%s", err, out)
	}
	if b, err := os.ReadFile(down); string(b) != "one\ntwo\n" {
		t.Errorf("it has downloaded %q, error %v", b, err)
	}
	if a := d.Sink.Wait(t, service.Upload, 1)[0].Artifact; a.Path != "/home/anna/docs/drop.sh" || string(a.Data) != "#!/bin/sh\necho x\n" {
		t.Errorf("the upload is %+v", a)
	}
}

func TestLftpIsRefused(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	out, err := run(t, "lftp", "lftp", "-c", fmt.Sprintf("set net:max-retries 1; set net:timeout 60; open -u root,%s ftp://%s; ls", secret, d.Address))
	if err == nil || !strings.Contains(out, "530 Login incorrect.") {
		t.Errorf("lftp: %v\n%s", err, out)
	}
	if c := d.Sink.Wait(t, service.LoginAttempt, 1)[0].Credential; c.Principal != "root" || string(c.Secret) != secret || c.Accepted {
		t.Errorf("the attempt is %+v", c)
	}
}

func TestCurlWorksOnIt(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	base := fmt.Sprintf("ftp://anna:%s@%s", secret, d.Address)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{base + "/notes.txt"}, "one\ntwo\n"},
		{[]string{"--disable-epsv", base + "/notes.txt"}, "one\ntwo\n"},
		{[]string{"-r", "4-", base + "/notes.txt"}, "two\n"},
		{[]string{"-l", base + "/docs/"}, ""},
		{[]string{"-I", base + "/notes.txt"}, "Content-Length: 8"},
		{[]string{"-Q", "MKD made", "-Q", "-RMD made", base + "/notes.txt"}, "one\ntwo\n"},
	} {
		out, err := run(t, "curl", "curl", append([]string{"-sS"}, tt.args...)...)
		if err != nil || !strings.Contains(out, tt.want) {
			t.Errorf("curl %v: %v, %q", tt.args, err, out)
		}
	}
	if out, err := run(t, "curl", "curl", "-sS", "-P", "127.0.0.1", base+"/notes.txt"); err == nil {
		t.Errorf("the decky has called curl: %q", out)
	}
}

// Failures take as long as the real server's: one second and, where PAM is
// asked, its two. Here only that there is a pause at all, and the order.
func TestAFailedLoginTakesItsTime(t *testing.T) {
	peer, _ := debians(t)
	for name, address := range map[string]string{"the real server": peer, "the decky": deckys(t)} {
		w := dial(t, address)
		w.want("USER ftp", "331 Please specify the password.")
		start := time.Now()
		w.want("PASS "+strings.Repeat("x", 129), "530 Login incorrect.")
		if took := time.Since(start); took < failPause {
			t.Errorf("%s answers after %v", name, took)
		}
	}
}
