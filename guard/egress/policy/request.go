package policy

import (
	"net/netip"
	"time"
)

// Protocol is what is spoken, as far as somebody has seen: by the first bytes of
// a connection, by the URL of a request, or by the driver that dials.
type Protocol string

// The protocols that rules name. The empty Protocol means "not known yet".
// TCP is any stream that was not recognised, TLS one whose inside cannot be seen.
const (
	TCP      Protocol = "tcp"
	UDP      Protocol = "udp"
	HTTP     Protocol = "http"
	HTTPS    Protocol = "https"
	TLS      Protocol = "tls"
	WS       Protocol = "ws"
	WSS      Protocol = "wss"
	Postgres Protocol = "postgres"
	MySQL    Protocol = "mysql"
	Redis    Protocol = "redis"
	MongoDB  Protocol = "mongodb"
	SSH      Protocol = "ssh"
	SMTP     Protocol = "smtp"
	DNS      Protocol = "dns"
	MCP      Protocol = "mcp" // the Model Context Protocol over HTTP; with TLS, over HTTPS
)

// Program is who asks, as far as the kernel or a hook says. What is not known is
// left empty; a rule that asks for it then does not apply.
type Program struct {
	PID     int
	Exe     string // absolute path of the executable
	Cmdline string // arguments joined by one space
	Cwd     string // absolute path
	User    string
	Jail    string
}

// Secret is one that was found, without the secret itself.
type Secret struct {
	Rule        string // id of the detection rule
	Fingerprint string // keyed; empty when nobody has the key
}

// Request is one thing somebody wants to do outside. It may be judged several
// times, each time with more of it known; each answer is final only if it denies.
type Request struct {
	// Time is when, in UTC. Rules with an expiry or a window do not apply to a
	// request without it.
	Time time.Time
	// Host is the destination as the client named it, in the form NormalHost
	// gives. Any other form is denied.
	Host string
	Port uint16
	// Address is the one that would be dialed; zero before the name was resolved.
	Address netip.Addr
	// Protocol is empty until it is known.
	Protocol Protocol
	// TLS says that the stream is encrypted; it is looked at only when Protocol
	// is known. HTTP with TLS is the same as HTTPS, WS with TLS the same as WSS.
	TLS bool
	// Method and Path are of HTTP and WebSocket only. Path is in the form
	// CleanPath gives. An empty Method means that the request is not seen yet, or,
	// when Protocol is TLS or HTTPS, that it never will be.
	Method, Path string
	// Intercepts says that whoever asks looks into TLS where Decision.Intercept says
	// so, and asks again about what he sees there. Without it a rule with methods or
	// paths does not apply to a stream that TLS hides.
	Intercepts bool
	Program    Program
	// Entry is how it came: http, connect or socks5 of the gateway, library of
	// guard/egress. Only conditions ask for it.
	Entry string
	// Spent is the id of the rule whose data_budget is used up, if one's is: whoever
	// counts finds that out from a Decision's Budget, and asks again.
	Spent string
	// Tools are those that a request of MCP calls; known with its body only.
	Tools []string
	// Secrets were found in what would be sent. In Strict, it is denied unless its
	// rule has them all among its Credentials.
	Secrets []Secret
	// Tunnel says, of a question for a name, why the name looks like data on its way
	// out; empty when it does not. It is then denied unless the rule names DNS among
	// its protocols.
	Tunnel string
	// Unseen says why what would be sent was not wholly looked at for secrets;
	// empty when it was, or nothing looked. In Strict, it is then denied.
	Unseen string
	// Files are those that would be sent, as far as they were seen.
	Files []File

	inside bool // for the rule at hand: TLS is looked into
}

// Question reports whether somebody asks a name server about the host itself, and
// not for a connection to it: that is DNS without a port. Rules for any port and
// protocol of a host let its name be asked for; rules of the denylist that name
// ports do not stand against it, and conditions about the connection are open.
func (r *Request) Question() bool { return r.Protocol == DNS && r.Port == 0 }
