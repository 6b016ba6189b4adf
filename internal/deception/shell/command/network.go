package command

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func networking() table {
	return table{
		"wget": wget, "curl": curl, "ping": ping, "ping4": ping, "ping6": ping, "nc": nc, "nc.traditional": nc, "netcat": nc, "ssh": sshClient, "scp": sshClient, "sftp": sshClient, "ssh-keyscan": sshClient, "ssh-copy-id": sshClient, "traceroute": traceroute, "traceroute.db": traceroute, "rsync": rsync,
		"ip": ip, "ss": ss, "nft": nft,
	}
}

// network is the machine's, at the address where this client reached it.
func network(p *shell.Proc) world.Network {
	var local netip.Addr
	if p.Session != nil {
		local = p.Session.Local().Addr()
	}
	return world.NetworkOf(p.Machine.Persona(), local)
}

// reached says what a client on this machine would learn of a host.
type reached struct {
	address netip.Addr
	known   bool // its name has an address
	self    bool // it is this machine
}

// lookUp tells names that could exist from those that could not: it asks
// nobody, and a name that could exist has an address that follows from it.
func lookUp(p *shell.Proc, host string) reached {
	host = strings.Trim(strings.ToLower(host), "[]")
	if a, err := netip.ParseAddr(host); err == nil {
		return reached{a, true, a.IsLoopback() || a == network(p).Address.Addr()}
	}
	me := p.Machine.Persona()
	if host == "localhost" || host == strings.ToLower(me.Hostname) || host == strings.ToLower(me.FQDN()) {
		return reached{netip.MustParseAddr("127.0.0.1"), true, true}
	}
	dot := strings.LastIndexByte(host, '.')
	if dot < 1 || len(host)-dot < 3 || strings.ContainsAny(host, "_ /\\:@") || strings.Trim(host[dot+1:], "abcdefghijklmnopqrstuvwxyz") != "" || strings.Contains(" local lan internal test invalid example onion ", " "+host[dot+1:]+" ") {
		return reached{}
	}
	sum := me.Derive("command: address of " + host)
	return reached{netip.AddrFrom4([4]byte{[]byte{23, 45, 93, 104, 151, 185, 193}[sum[0]%7], sum[1], sum[2], 1 + sum[3]%254}), true, false}
}

// fetched records that a client told the machine to get something.
func fetched(p *shell.Proc, target string) {
	if p.Session == nil {
		return
	}
	p.Session.Record(service.Fetch, nil, service.Field{Name: "url", Value: target}, service.Field{Name: "program", Value: path.Base(p.Args[0])}, service.Field{Name: "line", Value: lineOf(p.Args)})
}

// lineOf is a command as it was given, as much of it as is kept: each of very many
// targets is recorded with it.
func lineOf(args []string) string {
	var b strings.Builder
	for i, arg := range args {
		if b.Len() >= service.MaxField {
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(arg[:min(len(arg), service.MaxField)])
	}
	return b.String()
}

// forwarded records that a client wanted to reach another machine.
func forwarded(p *shell.Proc, host, port string) {
	if p.Session == nil {
		return
	}
	p.Session.Record(service.Forward, nil, service.Field{Name: "host", Value: host}, service.Field{Name: "port", Value: port}, service.Field{Name: "program", Value: path.Base(p.Args[0])})
}

// connectTime is how long a connection is tried that nobody answers: Linux
// gives up after six repeats of its first packet.
const connectTime = 134 * time.Second

const wgetOptions = "4,inet4-only 6,inet6-only q,quiet v,verbose nv,no-verbose O,output-document: P,directory-prefix: c,continue t,tries: T,timeout: b,background o,output-file: a,append-output: i,input-file: U,user-agent: N,timestamping r,recursive l,level: np,no-parent k,convert-links p,page-requisites m,mirror S,server-response e,execute: x,force-directories no-check-certificate header: post-data: post-file: user: password: http-user: http-password: spider limit-rate: wait: w: retry-connrefused connect-timeout: read-timeout: dns-timeout: no-cache no-proxy show-progress content-disposition max-redirect: referer: save-cookies: load-cookies: method: body-data: secure-protocol: ca-certificate: no-hsts progress: tries: waitretry: random-wait"

// wget tries to get what it was told to: its names resolve as they could, and
// nothing answers.
func wget(ctx context.Context, p *shell.Proc) int {
	for i, arg := range p.Args { // -nv and its kin are two letters
		if arg == "-nv" {
			p.Args[i] = "--no-verbose"
		}
	}
	a, status := options(p, tool{spec: wgetOptions, usage: "[OPTION]... [URL]...", version: "1.21.3", bad: 2})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		fmt.Fprint(p.Err, "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n")
		return 1
	}
	for _, target := range a.rest {
		if p.Step(ctx) != nil {
			return 130
		}
		if s := wgetOne(ctx, p, a, target); s != 0 {
			status = s
		}
	}
	return status
}

func wgetOne(ctx context.Context, p *shell.Proc, a *arguments, target string) int {
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	fetched(p, target)
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" {
		fmt.Fprintf(p.Err, "%s: Invalid host name.\n", target)
		return 1
	}
	if u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ftp" {
		fmt.Fprintf(p.Err, "%s: Unsupported scheme ‘%s’.\n", target, u.Scheme)
		return 1
	}
	say := func(format string, args ...any) {
		if !a.has("q", "nv") {
			fmt.Fprintf(p.Err, format, args...)
		}
	}
	if u.Path == "" {
		u.Path = "/"
	}
	host, port := u.Hostname(), orElse(u.Port(), map[string]string{"http": "80", "https": "443", "ftp": "21"}[u.Scheme])
	say("--%s--  %s\n", p.Now().In(zone(p)).Format("2006-01-02 15:04:05"), u)
	where := lookUp(p, host)
	name := host
	if _, err := netip.ParseAddr(host); err != nil {
		say("Resolving %s (%s)... ", host, host)
		if !where.known {
			_ = p.Sleep(ctx, 20*time.Millisecond)
			say("failed: Name or service not known.\n")
			if !a.has("q") {
				fmt.Fprintf(p.Err, "wget: unable to resolve host address ‘%s’\n", host)
			}
			return 4
		}
		say("%s\n", where.address)
		name = fmt.Sprintf("%s (%s)|%s|", host, host, where.address)
	}
	say("Connecting to %s:%s... ", name, port)
	if where.self {
		say("failed: Connection refused.\n")
		return 4
	}
	if !waited(ctx, p, a.value("T", a.value("connect-timeout", ""))) {
		return 130
	}
	say("failed: Connection timed out.\n")
	return wgetAgain(ctx, p, a, u, name, port, say)
}

// wgetAgain repeats as wget does, up to a few times.
func wgetAgain(ctx context.Context, p *shell.Proc, a *arguments, u *url.URL, name, port string, say func(string, ...any)) int {
	tries, err := strconv.Atoi(a.value("t", "20"))
	if err != nil || tries < 1 || tries > 20 {
		tries = 20
	}
	for n := 2; n <= tries; n++ {
		say("Retrying.\n\n")
		if p.Sleep(ctx, time.Duration(min(n-1, 10))*time.Second) != nil {
			return 130
		}
		say("--%s--  (try:%2d)  %s\nConnecting to %s:%s... ", p.Now().In(zone(p)).Format("2006-01-02 15:04:05"), n, u, name, port)
		if !waited(ctx, p, a.value("T", a.value("connect-timeout", ""))) {
			return 130
		}
		say("failed: Connection timed out.\n")
	}
	say("Giving up.\n\n")
	return 4
}

// waited waits for an answer that does not come, and reports whether it was
// left to.
func waited(ctx context.Context, p *shell.Proc, limit string) bool {
	d, ok := parseInterval(limit)
	if !ok || d <= 0 || d > connectTime {
		d = connectTime
	}
	return p.Sleep(ctx, d) == nil
}

const curlOptions = "0,http1.0 1,tlsv1 2,sslv2 3,sslv3 4,ipv4 6,ipv6 a,append A,user-agent: b,cookie: c,cookie-jar: C,continue-at: d,data: data-raw: data-binary: data-urlencode: D,dump-header: e,referer: E,cert: f,fail F,form: g,globoff G,get H,header: i,include I,head j J,remote-header-name k,insecure K,config: l L,location m,max-time: connect-timeout: n,netrc N,no-buffer o,output: O,remote-name p,proxytunnel P q,disable Q: r,range: R,remote-time s,silent S,show-error T,upload-file: u,user: U,proxy-user: v,verbose V w,write-out: x,proxy: X,request: z,time-cond: Z,parallel retry: retry-delay: retry-connrefused url: http1.1 http2 compressed create-dirs interface: resolve: socks5: socks5-hostname: tlsv1.2 tlsv1.3 cacert: json: path-as-is progress-bar no-progress-meter #,progress-bar"

// curl is wget's neighbour: quieter, and the same behind the gate.
func curl(ctx context.Context, p *shell.Proc) int {
	t := tool{spec: curlOptions, usage: "[options...] <url>", version: "7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.16 zlib/1.2.13 brotli/1.0.9 zstd/1.5.4 libidn2/2.3.3 libpsl/0.21.2 (+libidn2/2.3.3) libssh2/1.10.0 nghttp2/1.52.0 librtmp/2.3 OpenLDAP/2.5.13", bad: 2}
	quiet := *p
	var complaint strings.Builder
	quiet.Err = &complaint
	a, status := options(&quiet, t)
	if a == nil {
		if status != 0 {
			bad := strings.TrimSuffix(complaint.String()[strings.LastIndexByte(strings.SplitN(complaint.String(), "\n", 2)[0], ' ')+1:], "\n")
			fmt.Fprintf(p.Err, "curl: option %s: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n", strings.Trim(strings.SplitN(bad, "\n", 2)[0], "'"))
		}
		return status
	}
	if a.has("url") {
		a.rest = append(a.rest, a.value("url", ""))
	}
	switch {
	case a.has("V"):
		fmt.Fprintln(p.Out, "curl "+t.version)
		return 0
	case len(a.rest) == 0:
		fmt.Fprintln(p.Err, "curl: try 'curl --help' or 'curl --manual' for more information")
		return 2
	}
	for _, target := range a.rest {
		if p.Step(ctx) != nil {
			return 130
		}
		status = curlOne(ctx, p, a, target)
	}
	return status
}
