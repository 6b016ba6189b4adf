package ssh

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Messages of authentication (RFC 4252 and 4256).
const (
	msgUserauthRequest = 50
	msgUserauthFailure = 51
	msgUserauthSuccess = 52
	msgUserauthPKOK    = 60
	msgInfoRequest     = 60
	msgInfoResponse    = 61
)

const maxRequests = 1024 // of one connection, whatever becomes of them

// attempt is what one request came to.
type attempt int

const (
	failed attempt = iota
	accepted
	postponed // the client was answered and has to go on
)

// login is a client that logs in.
type login struct {
	*visit
	ctx           context.Context
	user, service string
	requests      int
	failures      int
	prompting     bool // keyboard-interactive waits for an answer
	usedKeys      [][32]byte
}

var errEnded = errors.New("the decky ended")

// authenticate answers a client's requests until it is logged in.
func (v *visit) authenticate(ctx context.Context) error {
	l := &login{visit: v, ctx: ctx}
	if err := l.serviceRequest(); err != nil {
		return err
	}
	for {
		packet, err := v.conn.Read()
		if err != nil {
			return err
		}
		in, err := l.answer(packet)
		if err != nil {
			return err
		}
		if in {
			v.user = l.user
			return v.letIn()
		}
	}
}

// letIn says so. From here on the client may repeat the exchange of keys.
func (v *visit) letIn() error {
	if err := v.conn.Write([]byte{msgUserauthSuccess}); err != nil {
		return err
	}
	return v.conn.LoggedIn()
}

// serviceRequest waits for the client to ask for authentication.
func (l *login) serviceRequest() error {
	for {
		packet, err := l.conn.Read()
		if err != nil {
			return err
		}
		if packet[0] == transport.MsgServiceRequest {
			return l.acceptService(packet)
		}
		if err := l.conn.Unimplemented(); err != nil {
			return err
		}
	}
}

func (l *login) acceptService(packet []byte) error {
	r := wire.Read(packet[1:])
	name := r.CString()
	if !r.End() {
		return transport.ErrMalformed
	}
	if name != "ssh-userauth" {
		return l.conn.Disconnect("bad service request %s", name)
	}
	return l.conn.Write(wire.Message(transport.MsgServiceAccept).Text(name))
}

// answer handles one message; in says that the client is logged in.
func (l *login) answer(packet []byte) (in bool, err error) {
	switch {
	case packet[0] == msgUserauthRequest:
		return l.request(packet)
	case packet[0] == msgInfoResponse && l.prompting:
		return l.response(packet)
	case packet[0] == transport.MsgServiceRequest:
		return false, l.acceptService(packet)
	}
	return false, l.conn.Unimplemented()
}

func (l *login) request(packet []byte) (in bool, err error) {
	start := l.clock.Now()
	r := wire.Read(packet[1:])
	user, serviceName, method := r.CString(), r.CString(), r.CString()
	if !r.OK() {
		return false, transport.ErrMalformed
	}
	user, _, _ = strings.Cut(user, ":") // a style, as in user:skey
	if l.requests >= maxRequests {
		return false, l.exceeded()
	}
	l.requests++
	if l.requests == 1 {
		l.user, l.service = user, serviceName
	} else if user != l.user || serviceName != l.service {
		return false, l.conn.Disconnect("Change of username or service not allowed: (%s,%s) -> (%s,%s)", l.user, l.service, user, serviceName)
	}
	l.prompting = false
	result, err := l.try(method, r, packet)
	if err != nil {
		return false, err
	}
	if err := l.pause(start); err != nil {
		return false, err
	}
	return l.finish(method, result)
}

// try does what a method has to be done. An unknown one fails.
func (l *login) try(method string, r *wire.Reader, packet []byte) (attempt, error) {
	name := strings.TrimSuffix(method, "-hostbound-v00@openssh.com")
	if l.failures >= l.config.MaxTries || !slices.Contains(l.config.Methods, name) {
		return failed, nil
	}
	switch name {
	case "password":
		return l.password(r)
	case "publickey":
		return l.publicKey(r, packet, method != name)
	case "keyboard-interactive":
		return l.interactive(r)
	}
	return failed, nil
}

// finish tells the client what came of its request.
func (l *login) finish(method string, result attempt) (in bool, err error) {
	switch {
	case result == postponed:
		return false, nil
	case result == accepted:
		return true, nil
	case l.requests > 1 || method != "none": // a client's first may ask what there is
		l.failures++
	}
	if l.failures >= l.config.MaxTries {
		return false, l.exceeded()
	}
	return false, l.conn.Write(wire.Message(msgUserauthFailure).Text(l.methods()).Bool(false))
}

func (l *login) exceeded() error { return l.conn.Disconnect("Too many authentication failures") }

// methods lists what can be tried, in sshd's order.
func (l *login) methods() string {
	var out []string
	for _, m := range []string{"publickey", "password", "keyboard-interactive"} {
		if slices.Contains(l.config.Methods, m) {
			out = append(out, m)
		}
	}
	return strings.Join(out, ",")
}

func (l *login) password(r *wire.Reader) (attempt, error) {
	change, password := r.Bool(), r.String()
	if change {
		r.String()
	}
	if !r.End() {
		return failed, transport.ErrMalformed
	}
	if change {
		return failed, nil // sshd without a way to change it just fails
	}
	return l.check(password, "password")
}

// check judges a password and takes as long as PAM does.
func (l *login) check(password []byte, method string) (attempt, error) {
	ok := l.enter() && l.policy.Judge(l.session.Client().Addr(), l.user, string(password))
	l.session.Attempt(service.Credential{
		Kind: service.Plaintext, Principal: l.user, Secret: password, Accepted: ok,
		Details: []service.Field{{Name: "method", Value: method}},
	})
	if ok {
		l.keyLine = ""
		return accepted, l.sleep(door.Jitter(l.hashTime))
	}
	return failed, l.sleep(door.Jitter(l.hashTime) + door.Jitter(l.config.FailDelay))
}

// enter finds the machine that the client would log in to, and reports whether
// it can.
func (l *login) enter() bool {
	if l.machine == nil && l.machines != nil {
		l.machine = l.machines.Machine(l.session.Client().Addr())
	}
	if l.machine == nil || l.service != "ssh-connection" {
		return false
	}
	_, err := l.machine.View(l.user)
	return err == nil
}

// interactive asks for the password as PAM would.
func (l *login) interactive(r *wire.Reader) (attempt, error) {
	r.String() // language
	r.String() // devices
	if !r.End() {
		return failed, transport.ErrMalformed
	}
	l.prompting = true
	return postponed, l.conn.Write(wire.Message(msgInfoRequest).Text("").Text("").Text("").Uint32(1).Text("Password: ").Bool(false))
}

// response is the answer to it.
func (l *login) response(packet []byte) (in bool, err error) {
	start := l.clock.Now()
	l.prompting = false
	r := wire.Read(packet[1:])
	n := r.Uint32()
	if n != 1 {
		return l.finish("keyboard-interactive", failed)
	}
	password := r.String()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	result, err := l.check(password, "keyboard-interactive")
	if err != nil {
		return false, err
	}
	if err := l.pause(start); err != nil {
		return false, err
	}
	return l.finish("keyboard-interactive", result)
}
