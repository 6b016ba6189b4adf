package dns

import (
	"encoding/binary"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The option in which an answer says why (RFC 8914), and its codes.
const (
	optionError   = 15
	codeBlocked   = 15 // by who runs the server
	codeForbidden = 18 // for this client
	codeNoReach   = 22 // no other server answered
	maxErrorText  = 200
)

// reply is an answer in the making.
type reply struct {
	rcode   dnsmessage.RCode
	answers []dnsmessage.Resource
	soa     *dnsmessage.Resource
	code    uint16 // why; 0: there is nothing to explain
	text    string
}

// pack writes the reply to q, cut short if the client takes no more by UDP, so that
// it asks again by TCP. Nil if that is not possible: then there is no answer.
func (r reply) pack(q *query) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.id, Response: true, RecursionDesired: q.recurse, RecursionAvailable: true, RCode: r.rcode & 0xf},
		Questions: []dnsmessage.Question{q.question},
		Answers:   r.answers,
	}
	if q.question.Name.Length == 0 {
		m.Questions = nil // it could not be read
	}
	if r.soa != nil {
		m.Authorities = []dnsmessage.Resource{*r.soa}
	}
	if q.edns {
		m.Additionals = []dnsmessage.Resource{r.edns(q)}
	}
	out, err := m.Pack()
	if err == nil && (q.tcp && len(out) <= maxTCP || len(out) <= q.size) {
		return out
	}
	m.Answers, m.Authorities, m.Truncated = nil, nil, true
	if out, err = m.Pack(); err != nil {
		return nil
	}
	return out
}

func (r reply) edns(q *query) dnsmessage.Resource {
	var opt dnsmessage.OPTResource
	if r.code != 0 {
		text := r.text[:min(len(r.text), maxErrorText)]
		data := append(binary.BigEndian.AppendUint16(nil, r.code), text...)
		opt.Options = []dnsmessage.Option{{Code: optionError, Data: data}}
	}
	var h dnsmessage.ResourceHeader
	_ = h.SetEDNS0(maxUDP, r.rcode, false) // never fails
	return dnsmessage.Resource{Header: h, Body: &opt}
}

// refusal tells a client that a question is denied, why, and what would allow it.
func refusal(d policy.Decision, rcode dnsmessage.RCode) reply {
	r := reply{rcode: rcode, code: codeBlocked}
	if d.Reason == policy.ReasonDNS || d.Reason == policy.ReasonProgram {
		r.code = codeForbidden
	}
	words := []string{"Cordon: " + string(d.Reason)}
	if d.AllowCommand != "" {
		words = append(words, d.AllowCommand)
	} else {
		words = append(words, d.Detail)
	}
	r.text = strings.ToValidUTF8(strings.Join(words, "; "), "")
	return r
}

// reply tells a client that its question is none that is served.
func (b *badQuery) reply() reply {
	if b.rcode != dnsmessage.RCodeRefused {
		return reply{rcode: b.rcode}
	}
	return reply{rcode: b.rcode, code: codeForbidden, text: "Cordon: " + b.text}
}

// failed tells a client that nobody knows.
func failed(why string) reply {
	return reply{rcode: dnsmessage.RCodeServerFailure, code: codeNoReach, text: why}
}
