package egress

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/budget"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/jsonrpc"
	"go.cordon.dev/cordon/internal/id"
)

// LocalServers is what the names of MCP servers end in that an agent starts as
// programs of its own machine: such names lead nowhere else (RFC 6761, 6.3).
const LocalServers = ".localhost"

// thisMachine is where such a server is: to be found by a rule for every host is not enough.
var thisMachine = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Said is a message of MCP between an agent and a server that it talks with over the
// server's standard input and output. To rules it is a POST of MCP without a port and
// a path, to a host named after the server; what is no JSON-RPC is a stream of TCP.
type Said struct {
	Server     string         // a host below LocalServers, in normal form
	FromServer bool           // the server says it, else the agent does
	Text       []byte         // the message, whole
	Unseen     string         // why Text is not there; empty: it is
	Program    policy.Program // the agent
}

// Hear judges a message before it is passed on. What the agent says is recorded, and
// what the server asks of the agent, or may not say.
func (g *Gateway) Hear(ctx context.Context, s Said) policy.Decision {
	h := hearing{g: g, said: &s}
	r := h.request()
	if g.secretIn(r.Host) {
		r.Host, s.Unseen = "", "it is for a server with such a name"
		return g.answered(ctx, h.record(r, denial(policy.ReasonLeak, "a secret was found in the name of the server")), moved{})
	}
	h.look()
	r = h.found(r)
	d := g.decide(r)
	if !s.FromServer {
		d = g.charge(r, d, len(s.Text))
	}
	if s.FromServer && d.Allowed() && h.verdict.Clean() && len(h.message.Asks) == 0 {
		return d
	}
	return g.answered(ctx, h.record(r, h.explained(d)), h.moved())
}

// explained says what was found, where that was decided about.
func (h *hearing) explained(d policy.Decision) policy.Decision {
	switch d.Reason {
	case policy.ReasonLeak, policy.ReasonNotScanned, policy.ReasonBlockedFile, policy.ReasonBlockedExtension:
		d.Detail += ": " + h.verdict.String()
	}
	return d
}

// hearing is one message on its way.
type hearing struct {
	g       *Gateway
	said    *Said
	message jsonrpc.Message
	verdict dlp.Verdict
}

// request is what a policy is asked.
func (h *hearing) request() policy.Request {
	s := h.said
	r := policy.Request{
		Time: h.g.o.Clock.Now(), Host: s.Server, Address: thisMachine, Protocol: policy.MCP, Method: http.MethodPost, Program: s.Program, Entry: string(EntryStdio),
	}
	if s.Unseen != "" {
		return r
	}
	m, err := jsonrpc.Parse(s.Text)
	if err != nil {
		r.Protocol, r.Method = policy.TCP, ""
		return r
	}
	h.message, r.Tools = m, m.Tools
	return r
}

// look looks for secrets, also in pieces: those of one agent, or of one server.
func (h *hearing) look() {
	i := h.g.o.Inspector()
	switch {
	case i == nil:
	case h.said.Unseen != "":
		h.verdict.Unseen = h.said.Unseen
	default:
		h.verdict = i.Message(h.sender()).Text("message", h.said.Text)
	}
}

func (h *hearing) sender() string {
	p := h.said.Program
	switch {
	case h.said.FromServer:
		return "mcp\x00" + h.said.Server
	case p.Exe == "":
		return loopbackSender
	}
	return strings.Join([]string{p.Exe, p.User, p.Jail}, "\x00")
}

// found is the request with what was found in the message.
func (h *hearing) found(r policy.Request) policy.Request {
	r.Unseen = h.verdict.Unseen
	for _, f := range h.verdict.Findings {
		r.Secrets = append(r.Secrets, policy.Secret{Rule: f.Rule, Fingerprint: f.Fingerprint})
	}
	for _, f := range h.verdict.Files {
		r.Files = append(r.Files, policy.File{Name: f.Name, As: f.As})
	}
	return r
}

// record is the message as it is recorded. Names are told only when no secret was
// found, which could stand in one.
func (h *hearing) record(r policy.Request, d policy.Decision) Record {
	all := h.verdict.Findings
	rec := Record{
		Flow: id.New(), Time: r.Time, Entry: EntryStdio, Decision: d, Host: r.Host, Protocol: r.Protocol, Program: r.Program,
		Findings: all[:min(len(all), mostFindings)],
	}
	if r.Protocol != policy.MCP || len(all) > 0 || h.said.Unseen != "" {
		return rec
	}
	if len(h.message.Methods) > 0 {
		rec.Method = h.message.Methods[0]
	}
	from := "MCP: "
	if h.said.FromServer {
		from = "MCP, from the server: "
	}
	rec.Decision.Detail += "; " + from + h.message.String()
	return rec
}

func (h *hearing) moved() moved {
	if h.said.FromServer {
		return moved{in: int64(len(h.said.Text))}
	}
	return moved{out: int64(len(h.said.Text))}
}

// charge takes n bytes from the budget of the rule that lets them pass. They go
// together or not at all.
func (g *Gateway) charge(r policy.Request, d policy.Decision, n int) policy.Decision {
	if !d.Allowed() || d.Budget.IsZero() {
		return d
	}
	key := budget.KeyOf(d, r.Program.Exe)
	granted := int64(0)
	if d.Reason != policy.ReasonDataBudget {
		granted = g.o.Budgets.Take(key, d.Budget, int64(n), r.Time)
	}
	if granted == int64(n) {
		return d
	}
	r.Spent = d.RuleID
	spent := g.o.Judge.Decide(r)
	if !spent.Allowed() {
		g.o.Budgets.Return(key, granted, r.Time)
		return spent
	}
	g.o.Budgets.Overdraw(key, d.Budget, int64(n)-granted, r.Time)
	return spent
}
