package command

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func curlOne(ctx context.Context, p *shell.Proc, a *arguments, target string) int {
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	fetched(p, target)
	fail := func(status int, format string, args ...any) int {
		if !a.has("s") || a.has("S") {
			fmt.Fprintf(p.Err, "curl: (%d) %s\n", status, fmt.Sprintf(format, args...))
		}
		return status
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Hostname() == "":
		return fail(3, "URL using bad/illegal format or missing URL")
	case !strings.Contains(" http https ftp ftps file tftp telnet dict ldap ", " "+u.Scheme+" "):
		return fail(1, "Protocol %q not supported or disabled in libcurl", u.Scheme)
	}
	where := lookUp(p, u.Hostname())
	port := orElse(u.Port(), map[string]string{"http": "80", "https": "443", "ftp": "21"}[u.Scheme])
	if !where.known {
		return fail(6, "Could not resolve host: %s", u.Hostname())
	}
	meter := func(seconds int) {
		if !a.has("s") && (a.has("o", "O") || !p.InTerminal(1)) {
			fmt.Fprint(p.Err, "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n")
			fmt.Fprintf(p.Err, "\r  0     0    0     0    0     0      0      0 --:--:-- %s --:--:--     0\n", strings.TrimPrefix(fmt.Sprintf("%2d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60), " "))
		}
	}
	if a.has("v") {
		fmt.Fprintf(p.Err, "*   Trying %s:%s...\n", where.address, port)
	}
	if where.self {
		meter(0)
		return fail(7, "Failed to connect to %s port %s after 0 ms: Couldn't connect to server", u.Hostname(), port)
	}
	limit, status := a.value("connect-timeout", ""), 28
	if m := a.value("m", ""); m != "" && limit == "" {
		limit = m
	}
	began := p.Now()
	if !waited(ctx, p, limit) {
		return 130
	}
	spent := p.Now().Sub(began).Milliseconds()
	meter(int(spent / 1000))
	if limit != "" {
		return fail(status, "Connection timed out after %d milliseconds", spent)
	}
	return fail(status, "Failed to connect to %s port %s after %d ms: Couldn't connect to server", u.Hostname(), port, spent)
}

// ping counts packets that nobody answers, except this machine and its router.
func ping(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "4 6 a A b B c: d D f h i: I: l: L m: M: n O p: q Q: r R s: S: t: T: U v V w: W:", usage: "[options] <destination>", version: "from iputils 20221126", bad: 2})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		fmt.Fprintln(p.Err, "ping: usage error: Destination address required")
		return 1
	}
	host := a.rest[len(a.rest)-1]
	where := lookUp(p, host)
	if !where.known {
		fmt.Fprintf(p.Err, "ping: %s: Name or service not known\n", host)
		return 2
	}
	forwarded(p, host, "icmp")
	answers := where.self || where.address == network(p).Gateway
	fmt.Fprintf(p.Out, "PING %s (%s) 56(84) bytes of data.\n", host, where.address)
	count, err := strconv.Atoi(a.value("c", "1000000"))
	if err != nil || count < 1 {
		fmt.Fprintf(p.Err, "ping: invalid argument: '%s'\n", a.value("c", ""))
		return 1
	}
	every, ok := parseInterval(a.value("i", "1"))
	if !ok {
		every = time.Second
	}
	deadline, limited := parseInterval(a.value("w", ""))
	began, sent := p.Now(), 0
	for sent < count && !(limited && p.Now().Sub(began) >= deadline) {
		sent++
		if answers {
			fmt.Fprintf(p.Out, "64 bytes from %s: icmp_seq=%d ttl=64 time=%.3f ms\n", where.address, sent, 0.02+chance(p).Float64()/4)
		}
		if sent < count && p.Sleep(ctx, max(every, 2*time.Millisecond)) != nil {
			break
		}
	}
	if !answers && ctx.Err() == nil {
		_ = p.Sleep(ctx, 10*time.Second)
	}
	spent := p.Now().Sub(began).Milliseconds()
	if answers {
		fmt.Fprintf(p.Out, "\n--- %s ping statistics ---\n%d packets transmitted, %d received, 0%% packet loss, time %dms\nrtt min/avg/max/mdev = 0.024/0.118/0.262/0.061 ms\n", host, sent, sent, spent)
		return 0
	}
	fmt.Fprintf(p.Out, "\n--- %s ping statistics ---\n%d packets transmitted, 0 received, 100%% packet loss, time %dms\n\n", host, sent, spent)
	return 1
}

// nc is netcat-traditional.
func nc(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "c: e: b g: G: h i: k l n o: p: q: r s: T: t u v w: C z", usage: "[-options] hostname port[s] [ports] ...", version: "v1.10-47"})
	if a == nil {
		return status
	}
	switch {
	case a.has("l"):
		if a.has("v") {
			fmt.Fprintf(p.Err, "listening on [any] %s ...\n", a.value("p", "0"))
		}
		<-ctx.Done()
		return 130
	case len(a.rest) == 0:
		fmt.Fprint(p.Err, "Cmd line: ")
		line, _ := readLine(ctx, p)
		if strings.TrimSpace(line) == "" {
			fmt.Fprintln(p.Err, "no destination")
		}
		return 1
	case len(a.rest) == 1:
		fmt.Fprintln(p.Err, "no port[s] to connect to")
		return 1
	}
	host := a.rest[0]
	where := lookUp(p, host)
	if !where.known {
		fmt.Fprintf(p.Err, "%s: forward host lookup failed: Unknown host\n", host)
		return 1
	}
	for _, port := range a.rest[1:] {
		forwarded(p, host, port)
		why := "Connection timed out"
		if where.self {
			why = "Connection refused"
		} else if !waited(ctx, p, a.value("w", "")) {
			return 130
		}
		if a.has("v") || !a.has("z") {
			fmt.Fprintf(p.Err, "(UNKNOWN) [%s] %s (?) : %s\n", where.address, port, why)
		}
	}
	return 1
}

// sshClient is ssh and what runs over it.
func sshClient(ctx context.Context, p *shell.Proc) int {
	name := path.Base(p.Args[0])
	if len(p.Args) == 2 && p.Args[1] == "-V" {
		for _, k := range world.Packages(p.Machine.Persona()) {
			if k.Name == "openssh-client" {
				fmt.Fprintf(p.Err, "OpenSSH_9.2p1 Debian-%s, OpenSSL 3.0.16 11 Feb 2025\n", k.Version[strings.IndexByte(k.Version, '-')+1:])
			}
		}
		return 0
	}
	a, status := options(p, tool{spec: "1 2 3 4 6 A a B: b: C c: D: E: e: F: f G g I: i: J: K k L: l: M m: N n O: o: p: P: Q: q R: r S: s T t V v W: w: X x Y y", usage: "destination [command [argument ...]]", posix: name == "ssh", bad: 255})
	if a == nil {
		return status
	}
	target := field(a.rest, 0)
	if name == "scp" {
		target = ""
		for _, r := range a.rest {
			if strings.Contains(r, ":") {
				target = r
			}
		}
	}
	if target == "" {
		fmt.Fprintf(p.Err, "usage: %s destination [command [argument ...]]\n", name)
		return 255
	}
	host := target[strings.LastIndexByte(target, '@')+1:]
	if name != "ssh" {
		host, _, _ = strings.Cut(host, ":")
	}
	port := "22"
	for _, o := range a.all {
		if o.name == "p" && name == "ssh" || o.name == "P" {
			port = o.value
		}
	}
	forwarded(p, host, port)
	where := lookUp(p, host)
	switch {
	case !where.known:
		fmt.Fprintf(p.Err, "ssh: Could not resolve hostname %s: Name or service not known\n", host)
	case where.self:
		fmt.Fprintf(p.Err, "ssh: connect to host %s port %s: Connection refused\n", host, port)
	case !waited(ctx, p, sshTimeout(a)):
		return 130
	default:
		fmt.Fprintf(p.Err, "ssh: connect to host %s port %s: Connection timed out\n", host, port)
	}
	if name == "sftp" || name == "scp" {
		fmt.Fprintf(p.Err, "%s: Connection closed\n", name)
	}
	return 255
}

func sshTimeout(a *arguments) string {
	for _, o := range a.all {
		if v, ok := strings.CutPrefix(strings.ToLower(o.value), "connecttimeout="); ok && o.name == "o" {
			return v
		}
	}
	return ""
}

func rsync(ctx context.Context, p *shell.Proc) int {
	for _, arg := range p.Args[1:] {
		if host, _, remote := strings.Cut(arg, ":"); remote && !strings.HasPrefix(arg, "-") {
			quiet := *p
			quiet.Args = []string{"ssh", host}
			sshClient(ctx, &quiet)
			fmt.Fprintln(p.Err, "rsync: connection unexpectedly closed (0 bytes received so far) [sender]\nrsync error: unexplained error (code 255) at io.c(231) [sender=3.2.7]")
			return 255
		}
	}
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Out, "rsync  version 3.2.7  protocol version 31")
		return 1
	}
	var rest []string
	for _, arg := range p.Args[1:] {
		if !strings.HasPrefix(arg, "-") {
			rest = append(rest, arg)
		}
	}
	q := *p
	q.Args = append([]string{"cp", "-a"}, rest...)
	return cp(ctx, &q)
}

func traceroute(ctx context.Context, p *shell.Proc) int {
	host := p.Args[len(p.Args)-1]
	where := lookUp(p, host)
	if len(p.Args) < 2 || !where.known {
		fmt.Fprintf(p.Err, "%s: Name or service not known\nCannot handle \"host\" cmdline arg `%s' on position 1 (argc %d)\n", host, host, len(p.Args)-1)
		return 2
	}
	forwarded(p, host, "traceroute")
	fmt.Fprintf(p.Out, "traceroute to %s (%s), 30 hops max, 60 byte packets\n", host, where.address)
	gateway := network(p).Gateway
	fmt.Fprintf(p.Out, " 1  %s (%s)  0.412 ms  0.377 ms  0.351 ms\n", gateway, gateway)
	for hop := 2; hop <= 30; hop++ {
		if p.Sleep(ctx, 5*time.Second) != nil {
			return 130
		}
		fmt.Fprintf(p.Out, "%2d  * * *\n", hop)
	}
	return 0
}
