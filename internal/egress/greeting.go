package egress

import (
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// greetingTime is how long a server has to finish its greeting before it is
// taken for what it has said so far.
const greetingTime = 2 * time.Second

// serverFirst serves an origin that greets. Its greeting goes to the client once
// the flow is allowed and recorded; the client's first bytes are then judged
// like those of any client before they go out.
func (t *tunnel) serverFirst() (cut string) {
	g := t.greeting()
	if g.HTTP2 {
		return t.greetedInHTTP2()
	}
	g.TLS = g.Protocol == policy.MySQL // so far: the client says it next
	if d := t.judge(g); !d.Allowed() {
		return t.refuse(d, g)
	}
	if !t.allow() {
		return t.drop()
	}
	inward := t.c.inward(t.up, t.f)
	defer inward.wait()
	if bad := t.reply(g); bad != nil {
		t.drop()
		return string(t.f.deny(*bad).Reason)
	}
	return t.c.outward(t.up, t.f)
}

// greeting reads until it is clear what the server speaks.
func (t *tunnel) greeting() sniff.Guess {
	_ = t.up.conn.SetReadDeadline(time.Now().Add(greetingTime))
	defer func() { _ = t.up.conn.SetReadDeadline(time.Time{}) }()
	for {
		g, v := sniff.Server(t.up.r.Buffered(), t.up.port)
		if v == sniff.Known {
			return g
		}
		if v != sniff.More || t.up.r.Fill(sniff.MaxFirst) != nil {
			return sniff.Guess{Protocol: policy.TCP}
		}
	}
}

// reply reads the client's first bytes and says why they may not go out; nil
// when they may, or when none will come.
func (t *tunnel) reply(greeted sniff.Guess) *policy.Decision {
	if len(t.c.r.Buffered()) == 0 && t.c.r.Fill(sniff.MaxFirst) != nil {
		return nil
	}
	if greeted.Protocol == policy.MySQL {
		return t.replyMySQL()
	}
	g, bad := t.firstBytes()
	switch {
	case bad != nil:
		return bad
	case g.Protocol == policy.HTTP || g.Asks != sniff.NoAsk:
		return deny(ReasonBadRequest, "the client speaks a protocol in which no server greets")
	case g.Protocol == policy.TCP || g.Protocol == greeted.Protocol:
		return nil
	}
	return t.rejudge(g)
}

// replyMySQL looks whether the client goes on encrypted.
func (t *tunnel) replyMySQL() *policy.Decision {
	t.c.within(t.c.g.o.Limits.Head)
	defer t.c.unhurried()
	for {
		tls, v := sniff.MySQLClient(t.c.r.Buffered())
		switch v {
		case sniff.Known:
			return t.rejudge(sniff.Guess{Protocol: policy.MySQL, TLS: tls})
		case sniff.Broken:
			return deny(ReasonBadRequest, "the answer to MySQL's greeting is none")
		}
		if t.c.r.Fill(sniff.MaxFirst) != nil {
			return deny(ReasonBadRequest, "the answer to MySQL's greeting broke off")
		}
	}
}

func (t *tunnel) rejudge(g sniff.Guess) *policy.Decision {
	if d := t.judge(g); !d.Allowed() {
		return &d
	}
	return nil
}
