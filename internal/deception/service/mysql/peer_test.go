//go:build servers && unix

package mysql

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// debians starts Debian's server with its character set and no name server:
// clients are named by their addresses, as those without a name are.
func debians(t *testing.T) string {
	t.Helper()
	server := testdebian.Program(t, "mariadb-server-core", "mariadbd")
	base := filepath.Join(filepath.Dir(server), "usr") // an unpacked package
	if _, err := os.Stat(base); err != nil {
		base = "/usr"
	}
	data, tmp, port := servicetest.Folder(t), servicetest.Folder(t), servicetest.Port(t)
	options := []string{"--no-defaults", "--basedir=" + base, "--datadir=" + data, "--tmpdir=" + tmp, "--skip-log-bin", "--innodb-use-native-aio=0", "--skip-performance-schema"}
	sql := "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
	for _, name := range []string{"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"} {
		text, err := os.ReadFile(filepath.Join(base, "share", "mysql", name))
		if err != nil {
			t.Fatal(err)
		}
		sql += string(text)
	}
	boot := servicetest.Ordinary(exec.Command(server, append(options, "--bootstrap")...))
	boot.Stdin = strings.NewReader(sql + "\nFLUSH PRIVILEGES;\nALTER USER root@localhost IDENTIFIED BY 'only here';\nALTER USER root@'127.0.0.1' IDENTIFIED BY 'only here';\n")
	if out, err := boot.CombinedOutput(); err != nil {
		t.Fatalf("making a database: %v\n%s", err, out)
	}
	servicetest.Peer(t, "127.0.0.1:"+port, server, append(options, "--port="+port, "--bind-address=127.0.0.1", "--socket="+filepath.Join(tmp, "s"),
		"--pid-file="+filepath.Join(tmp, "pid"), "--skip-name-resolve", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci", "--max-connect-errors=100000")...)
	return "127.0.0.1:" + port
}

// masked hides challenges, the connection's number and the patch version, of
// which Debian may have a later one by now.
func masked(s string) string {
	r := make([]rune, len(s)) // a character of each byte, so that patterns count bytes
	for i, c := range []byte(s) {
		r[i] = rune(c)
	}
	s = regexp.MustCompile(`10\.11\.\d\d-MariaDB-0\+deb12u\d`).ReplaceAllString(string(r), "10.11.x-MariaDB-0+deb12u1")
	s = regexp.MustCompile(`(?s)(deb12u1\x00)....[!-~]{8}`).ReplaceAllString(s, "$1<thread><salt>")
	s = regexp.MustCompile(`(\x1d\x00\x00\x00)[!-~]{12}\x00`).ReplaceAllString(s, "$1<salt>")
	return regexp.MustCompile(`(þmysql_native_password\x00)[!-~]{20}\x00`).ReplaceAllString(s, "$1<salt>")
}

// Whatever a client sends before it is let in, the answer is the real
// server's, byte for byte.
func TestTheDoorIsTheRealServers(t *testing.T) {
	mine, real := listen(t).Address, debians(t)
	twenty := strings.Repeat("x", 20)
	for name, packets := range map[string][]string{
		"greeting":           {""},
		"wrong password":     {packet(1, answer(usual, "root", twenty, "", nativePassword))},
		"no password":        {packet(1, answer(usual, "root", "", "", nativePassword))},
		"unknown user":       {packet(1, answer(usual, "nosuch", twenty, "", nativePassword))},
		"with a database":    {packet(1, answer(usual|withDatabase, "root", twenty, "test", nativePassword))},
		"no method":          {packet(1, answer(usual&^pluginAuth, "root", twenty, "", ""))},
		"another method":     {packet(1, answer(usual, "root", strings.Repeat("y", 32), "", "caching_sha2_password")), packet(3, twenty)},
		"then nothing":       {packet(1, answer(usual, "root", strings.Repeat("y", 32), "", "caching_sha2_password")), packet(3, "")},
		"then nonsense":      {packet(1, answer(usual, "root", strings.Repeat("y", 32), "", "caching_sha2_password")), packet(3, "abc")},
		"clear text":         {packet(1, answer(usual, "root", "abc", "", "mysql_clear_password")), packet(3, twenty)},
		"short answer":       {packet(1, answer(usual, "root", "abcde", "", nativePassword))},
		"attributes":         {packet(1, answer(usual|withAttributes, "root", twenty, "", nativePassword)+"\x04\x01a\x01b")},
		"broken attributes":  {packet(1, answer(usual|withAttributes, "root", twenty, "", nativePassword)+"\x03\x01a\x01b")},
		"attributes missing": {packet(1, answer(usual|withAttributes, "root", twenty, "", nativePassword))},
		"long name":          {packet(1, answer(usual, strings.Repeat("u", 200), twenty, "", nativePassword))},
		"out of order":       {packet(5, answer(usual, "root", twenty, "", nativePassword))},
		"short":              {packet(1, "abc")},
		"empty":              {packet(1, "")},
		"old protocol":       {packet(1, "\x01\x00\x00\x00\x00root\x00abcdefgh\x00")},
		"TLS not offered":    {packet(1, answer(usual|withTLS, "", "", "", "")[:32])},
		"no end of name":     {packet(1, answer(usual, "root", "", "", "")[:36])},
		"answer cut":         {packet(1, answer(usual, "root", "", "", "")[:37]+"\x50abc")},
		"HTTP":               {"GET / HTTP/1.0\r\n\r\n"},
		"packet never ends":  {"\xff\xff\xff\x01abc"},
	} {
		if got, want := masked(talk(t, mine, packets...)), masked(talk(t, real, packets...)); got != want {
			t.Errorf("%s\n got %q\nwant %q", name, got, want)
		}
	}
}

func TestTheRealClient(t *testing.T) {
	d, real := listen(t), debians(t)
	ask := func(address string) string {
		host, port, _ := net.SplitHostPort(address)
		cmd := exec.Command(testdebian.Program(t, "mariadb-client-core", "mariadb"), "--no-defaults", "-h", host, "-P", port, "-u", "root", "--password="+fmt.Sprint("w", "rong"), "shop", "-e", "select 1")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	if got, want := ask(d.Address), ask(real); got != want || !strings.Contains(got, "ERROR 1045 (28000): Access denied for user 'root'@'127.0.0.1' (using password: YES)") {
		t.Errorf("got %s want %s", got, want)
	}
	d.Sink.Wait(t, service.LoginAttempt, 1)
	if o := d.Sink.Wait(t, service.ClientHello, 1)[0]; servicetest.Field(o, "client_client_name") != "libmariadb" {
		t.Errorf("the client says %+v", o.Fields)
	}
}
