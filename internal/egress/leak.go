package egress

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/redact"
)

// inspectHead looks at the method, the URL and the fields of a request and judges it by what
// they hold. It is asked before anything is resolved or dialed.
func (x *exchange) inspectHead() policy.Decision {
	i := x.c.g.o.Inspector()
	if i == nil {
		if !x.h.Body.Empty() {
			x.f.passUnseen()
		}
		return policy.Decision{Result: policy.Allow}
	}
	fields := make([]dlp.Field, 0, len(x.h.Fields))
	for _, f := range x.h.Fields {
		if f.Kind != http1.Hop {
			fields = append(fields, dlp.Field{Name: string(f.Name), Value: string(f.Value)})
		}
	}
	x.message = i.Message(x.c.sender())
	v := x.message.Head(x.h.Method, x.f.url.Reveal(), fields)
	if v.Unseen == "" && !x.h.Body.Empty() {
		v.Unseen = unreadable(x.codings())
	}
	if v.Clean() {
		return policy.Decision{Result: policy.Allow}
	}
	d := policy.Decision{}
	x.request, d = x.f.judgeFound(x.request, v)
	return d
}

// nameHolds refuses a host in whose name, as the client wrote it, a secret is: with
// the first question to a name server it would have left, and it would stand in the
// record in small letters, in which no rule knows it. So it is no host in any mode.
func (f *flow) nameHolds(name string) *failure {
	i := f.client.g.o.Inspector()
	if i == nil {
		return nil
	}
	if known := f.client.clean.Load(); known != nil && *known == (cleanName{i, name}) {
		return nil
	}
	v := i.Name("name of the host", name)
	if len(v.Findings) == 0 {
		f.client.clean.Store(&cleanName{i, name})
		return nil
	}
	f.found(policy.Request{}, v)
	return denied(denial(policy.ReasonLeak, "a secret was found: "+v.String()))
}

// cleanName is a name in which no secret was found, and by whom: a client asks for the
// same host again and again.
type cleanName struct {
	by   *dlp.Inspector
	name string
}

// judgeFound judges a request by what was found, too, and says what that was.
func (f *flow) judgeFound(r policy.Request, v dlp.Verdict) (policy.Request, policy.Decision) {
	r = f.found(r, v)
	d := f.judge(r)
	switch d.Reason {
	case policy.ReasonLeak, policy.ReasonNotScanned, policy.ReasonBlockedFile, policy.ReasonBlockedExtension:
	default:
		return r, d
	}
	d.Detail += ": " + v.String()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.decision = d
	return r, d
}

// mostFindings is how many a flow keeps: a body without end may be full of them.
const mostFindings = 64

// found notes what was found, and returns the request as it is to be judged now.
func (f *flow) found(r policy.Request, v dlp.Verdict) policy.Request {
	r.Unseen = v.Unseen
	r.Secrets = slices.Clone(r.Secrets)
	for _, found := range v.Findings {
		r.Secrets = append(r.Secrets, policy.Secret{Rule: found.Rule, Fingerprint: found.Fingerprint})
	}
	r.Files = slices.Clone(r.Files)
	for _, file := range v.Files {
		r.Files = append(r.Files, policy.File{Name: file.Name, As: file.As})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(v.Findings, func(found dlp.Finding) bool { return found.Special && strings.HasPrefix(found.Where, "url") }) {
		f.url = redact.NewSecret("http://" + r.Host + "/(left out: a secret that no rule would hide)")
	}
	f.findings = append(f.findings, v.Findings[:min(len(v.Findings), mostFindings-len(f.findings))]...)
	return r
}

// loopbackSender stands for a program of this machine that is not known.
const loopbackSender = "this machine"

// sender names who sends, to those who remember what he sent: his program if it is
// known, whichever process of it this is, else his address.
func (c *client) sender() string {
	if p := c.caller(); p.Exe != "" {
		return strings.Join([]string{p.Exe, p.User, p.Jail}, "\x00")
	}
	if c.addr.Addr().IsLoopback() {
		return loopbackSender // whoever is here may use any of its addresses
	}
	return c.addr.Addr().String()
}

// moveBody moves the request's body, past whoever looks at it.
func (x *exchange) moveBody(m http1.Mover) error {
	if x.message == nil || x.held != nil { // what was held was looked at
		return m.Move()
	}
	if len(m.Src.Buffered()) == 0 { // the client may wait for what the origin says to the head
		if err := m.Dst.Flush(); err != nil {
			return fmt.Errorf("passing a head on: %w", err)
		}
	}
	b := x.bodyKind()
	return m.Sift(func(dst io.Writer) http1.Sieve {
		return bodySieve{x.sieve(dst, b), x}
	})
}

// bodyKind is how the body is to be looked at.
func (x *exchange) bodyKind() dlp.Body {
	codings := x.codings()
	return dlp.Body{Encoded: len(codings) > 0, Codings: codings, Judge: x.mayLeave}
}

// sieve looks at the body on its way to dst: message by message where it has some.
func (x *exchange) sieve(dst io.Writer, b dlp.Body) io.WriteCloser {
	if kind, _, _ := strings.Cut(x.field("content-type"), ";"); !b.Encoded && isGRPC(kind) {
		return newMessages(x.message, dst, x.field("grpc-encoding"), b.Judge)
	}
	return x.message.Stream(dst, b)
}

// field is the first value of a field, in small letters; empty without one.
func (x *exchange) field(name string) string {
	for _, f := range x.h.Fields {
		if http1.EqualFold(f.Name, name) {
			return strings.ToLower(string(f.Value))
		}
	}
	return ""
}

// codings are what Content-Encoding says was done to the body, in that order.
func (x *exchange) codings() (all []string) {
	for _, f := range x.h.Fields {
		if !http1.EqualFold(f.Name, "content-encoding") {
			continue
		}
		for coding := range strings.SplitSeq(strings.ToLower(string(f.Value)), ",") {
			if coding = strings.Trim(coding, " \t"); coding != "" && coding != "identity" {
				all = append(all, coding)
			}
		}
	}
	return all
}

// unreadable says why a body with those codings cannot be looked at; empty when it
// can be.
func unreadable(codings []string) string {
	for i, c := range codings {
		switch c {
		case "gzip", "x-gzip", "deflate", "zstd":
			continue
		case "br":
			if i == len(codings)-1 {
				continue
			}
		}
		return "its Content-Encoding is one that cannot be looked into"
	}
	return ""
}

// mayLeave judges the request again by what its body holds. When that may not
// leave, whoever waits for the answer learns of it.
func (x *exchange) mayLeave(v dlp.Verdict) bool {
	_, d := x.f.judgeFound(x.request, v)
	if d.Allowed() {
		x.f.note()
		return true
	}
	x.leak.Store(&d)
	x.halt()
	return false
}

// note records what was found in a flow that is allowed and recorded already.
// That it could not be recorded changes nothing: its end is recorded, too.
func (f *flow) note() {
	g := f.client.g
	if err := g.o.Recorder.Decided(f.client.ctx, f.record()); err != nil {
		g.o.Log.Error("egress: a leak that was let pass was not recorded", "flow", f.id, "error", err)
	}
}

// leaked records that the body was refused, of a request that was answered all the
// same.
func (x *exchange) leaked() {
	if d := x.refusal(); d != nil {
		x.cut = string(x.f.deny(*d).Reason)
	}
}

// bodySieve is the http1.Sieve of a request.
type bodySieve struct {
	io.WriteCloser
	x *exchange
}

// Trailers implements http1.Sieve.
func (s bodySieve) Trailers(fields []byte) error {
	if v := s.x.message.Text("trailer", fields); !v.Clean() && !s.x.mayLeave(v) {
		return dlp.ErrRefused
	}
	return nil
}
