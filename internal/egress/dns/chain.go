package dns

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Bounds of an answer: what has more was not made to be used.
const (
	maxRecords = 512 // that are looked at
	maxChain   = 16  // names that one name leads to
)

var (
	errNotOurs   = errors.New("the message answers another question")
	errOtherCase = errors.New("the message repeats the question in another spelling")
	errTruncated = errors.New("the answer did not fit")
)

// answer is what a name server said, as far as it was asked.
type answer struct {
	rcode   dnsmessage.RCode      // success, or that there is no such name
	records []dnsmessage.Resource // from the asked name along aliases to what was asked for
	soa     *dnsmessage.Resource  // of the zone that has no such thing
	got     time.Time             // when it came; set by the cache
	until   time.Time
}

// weight is about how many bytes an answer takes in memory.
func (a *answer) weight() int {
	n := 1024
	for _, r := range a.records {
		n += 1024 + int(r.Header.Length)
	}
	return n
}

// read reads what came in answer to the question.
func (a *ask) read(msg []byte) (*answer, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || h.ID != a.id || !h.Response || h.OpCode != 0 {
		return nil, errNotOurs
	}
	q, err := p.Question()
	if err != nil || q.Type != a.question.Type || q.Class != a.question.Class || !sameName(q.Name, a.question.Name) {
		return nil, errNotOurs
	}
	switch {
	case q.Name != a.question.Name:
		return nil, errOtherCase
	case h.Truncated:
		return nil, errTruncated
	case h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError:
		return nil, fmt.Errorf("it answered %s", strings.TrimPrefix(h.RCode.String(), "RCode"))
	}
	if err := p.SkipAllQuestions(); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return readSections(&p, h.RCode, q)
}

func readSections(p *dnsmessage.Parser, rcode dnsmessage.RCode, q dnsmessage.Question) (*answer, error) {
	all, err := readRecords(p.Answer)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	out := &answer{rcode: rcode, records: chain(q, all)}
	if err := p.SkipAllAnswers(); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	authority, err := readRecords(p.Authority)
	if err != nil {
		return nil, fmt.Errorf("reading the authority of the answer: %w", err)
	}
	for i, r := range authority {
		if r.Header.Type == dnsmessage.TypeSOA && out.soa == nil {
			out.soa = &authority[i]
		}
	}
	return out, nil
}

// readRecords reads a section up to its end or the bound.
func readRecords(next func() (dnsmessage.Resource, error)) (all []dnsmessage.Resource, err error) {
	for len(all) < maxRecords {
		r, err := next()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if r.Header.Class == dnsmessage.ClassINET {
			all = append(all, r)
		}
	}
	return all, nil
}

// chain keeps what answers the question: the aliases that begin at its name, in
// their order, and the records of its type at their end. Whatever else a server
// adds, nobody asked for.
func chain(q dnsmessage.Question, all []dnsmessage.Resource) (out []dnsmessage.Resource) {
	at := q.Name
	if q.Type != dnsmessage.TypeCNAME {
		for range maxChain {
			alias := find(all, at, dnsmessage.TypeCNAME)
			if alias == nil {
				break
			}
			out = append(out, *alias)
			at = alias.Body.(*dnsmessage.CNAMEResource).CNAME
		}
	}
	for _, r := range all {
		if r.Header.Type == q.Type && sameName(r.Header.Name, at) {
			out = append(out, r)
		}
	}
	return out
}

func find(all []dnsmessage.Resource, name dnsmessage.Name, t dnsmessage.Type) *dnsmessage.Resource {
	for i := range all {
		if all[i].Header.Type == t && sameName(all[i].Header.Name, name) {
			return &all[i]
		}
	}
	return nil
}

func sameName(a, b dnsmessage.Name) bool { return strings.EqualFold(a.String(), b.String()) }
