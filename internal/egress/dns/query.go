package dns

import (
	"errors"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// maxUDP is how large a datagram is that passes every path without being cut into
// pieces: what DNS Flag Day 2020 agreed on. A client without EDNS takes 512 bytes
// (RFC 1035, 4.2.1).
const (
	maxUDP   = 1232
	plainUDP = 512
	maxTCP   = 64<<10 - 1
)

// Types that are not asked for one name's records (RFC 6895, 3.1), and their range.
const (
	typeNULL  = dnsmessage.Type(10)
	firstMeta = dnsmessage.Type(128)
	lastMeta  = dnsmessage.Type(255)
)

// query is one question of a client.
type query struct {
	id       uint16
	recurse  bool // RD, which an answer repeats
	question dnsmessage.Question
	name     string // as it was asked, without the final dot
	edns     bool
	size     int // of the largest answer the client takes
	client   netip.AddrPort
	server   netip.AddrPort // our end
	tcp      bool
	program  policy.Program
}

// key is what the answer depends on.
type key struct {
	name string // lower case, without the final dot
	kind dnsmessage.Type
}

func (q *query) key() key { return key{strings.ToLower(q.name), q.question.Type} }

// badQuery is a question that gets an answer without anybody judging it.
type badQuery struct {
	rcode dnsmessage.RCode
	text  string
}

func (b *badQuery) Error() string { return b.text }

// rcodeBadVersion is BADVERS (RFC 6891, 9), of which an answer's header has the
// lower half only.
const rcodeBadVersion = dnsmessage.RCode(16)

// errSilent is of what gets no answer at all: an answer to it could come back.
var errSilent = errors.New("this is no question")

// readQuery reads a question. Errors are errSilent or a *badQuery, with the query
// read as far as an answer needs it.
func readQuery(msg []byte) (*query, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || h.Response {
		return nil, errSilent
	}
	q := &query{id: h.ID, recurse: h.RecursionDesired, size: plainUDP}
	if h.OpCode != 0 {
		return q, &badQuery{dnsmessage.RCodeNotImplemented, "the operation is none that is served: only questions are"}
	}
	q.question, err = p.Question()
	if err != nil {
		return q, malformed("the question cannot be read")
	}
	if _, err := p.Question(); !errors.Is(err, dnsmessage.ErrSectionDone) {
		return q, malformed("there is more than one question")
	}
	if err := q.readRest(&p); err != nil {
		return q, err
	}
	q.name = strings.TrimSuffix(q.question.Name.String(), ".")
	return q, q.checkType()
}

func malformed(text string) error { return &badQuery{dnsmessage.RCodeFormatError, text} }

// readRest reads what stands behind the question: nothing but EDNS (RFC 6891).
func (q *query) readRest(p *dnsmessage.Parser) error {
	if _, err := p.AnswerHeader(); !errors.Is(err, dnsmessage.ErrSectionDone) {
		return malformed("the question has an answer in it")
	}
	if _, err := p.AuthorityHeader(); !errors.Is(err, dnsmessage.ErrSectionDone) {
		return malformed("the question has an authority in it")
	}
	for {
		h, err := p.AdditionalHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err != nil || p.SkipAdditional() != nil {
			return malformed("what stands behind the question cannot be read")
		}
		if h.Type != dnsmessage.TypeOPT {
			continue // a signature (TSIG), of a key that is none of ours
		}
		if err := q.readEDNS(h); err != nil {
			return err
		}
	}
}

func (q *query) readEDNS(h dnsmessage.ResourceHeader) error {
	if q.edns {
		return malformed("there are two EDNS records")
	}
	if h.Name.String() != "." {
		return malformed("the EDNS record has a name")
	}
	q.edns = true
	q.size = max(plainUDP, min(int(h.Class), maxUDP))
	if version := h.TTL >> 16 & 0xff; version != 0 {
		return &badQuery{rcodeBadVersion, "the version of EDNS is not 0"}
	}
	return nil
}

// checkType refuses what is not asked for one name's records.
func (q *query) checkType() error {
	t := q.question.Type
	switch {
	case q.question.Class != dnsmessage.ClassINET:
		return &badQuery{dnsmessage.RCodeRefused, "only the class IN is served"}
	case t >= firstMeta && t <= lastMeta, t == dnsmessage.TypeOPT, t == 0:
		return &badQuery{dnsmessage.RCodeRefused, "transfers of zones, ANY and the like are not served"}
	}
	return nil
}

// isAddress reports whether a type is asked for to connect to the name.
func isAddress(t dnsmessage.Type) bool {
	switch t {
	case dnsmessage.TypeA, dnsmessage.TypeAAAA, dnsmessage.TypeHTTPS, dnsmessage.TypeSVCB:
		return true
	}
	return false
}
