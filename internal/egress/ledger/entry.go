package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The kinds of lines.
const (
	Decision = "decision" // somebody asked, and was answered
	End      = "end"      // what was allowed is over; its bytes are known
)

// Entry is what is recorded of one decision, or of the end of what was allowed.
type Entry struct {
	Kind     string    `json:"kind"`             // decision, end
	Flow     string    `json:"flow,omitempty"`   // id of the flow; the same in a decision and its end
	Time     time.Time `json:"time"`             // UTC
	Decision string    `json:"decision"`         // allow, deny
	Rule     string    `json:"rule"`             // id of the policy's rule; empty: none decided
	Reason   string    `json:"reason"`           // a stable word
	Detail   string    `json:"detail,omitempty"` // a sentence for people
	Would    string    `json:"would,omitempty"`  // what strict would have said, when that differs
	Entrance string    `json:"entry,omitempty"`  // http, connect, socks5, transparent, dns, inbound, library, stdio
	Client   string    `json:"client,omitempty"` // address of whoever asked
	Host     string    `json:"host"`             // as the client named it
	Port     uint16    `json:"port"`             //
	Address  string    `json:"address"`          // dialed, or to be dialed; empty: not resolved
	Protocol string    `json:"protocol"`         // as far as it is known
	Method   string    `json:"method"`           // of HTTP, or of MCP over stdio
	URL      string    `json:"url"`              // HTTP only, redacted
	BytesOut int64     `json:"bytes_out"`        // sent by the client so far
	BytesIn  int64     `json:"bytes_in"`         // received by it
	PID      int       `json:"pid"`              // of the program; 0: not known
	Exe      string    `json:"exe"`
	Cmdline  string    `json:"cmdline"`

	SourceFile string `json:"source_file"` // where in the program, if a library told
	SourceLine int    `json:"source_line"`
	Function   string `json:"function"`

	Origin  string `json:"origin,omitempty"`  // of a WebSocket from outside: the page that opened it
	Subject string `json:"subject,omitempty"` // and who did

	Cut string `json:"cut,omitempty"` // of an end: why the gateway cut it off

	Findings []Finding `json:"findings"` // secrets in what was to leave
}

// Finding is a secret that was found in what was to leave. It never holds it.
type Finding struct {
	Rule        string `json:"rule"`
	Redacted    string `json:"redacted"`
	Fingerprint string `json:"fingerprint"`
}

// Line is an entry in its place in the chain.
type Line struct {
	Seq uint64 `json:"seq"` // from 1, without gaps
	ID  string `json:"id"`  // UUIDv7
	Entry
	Prev string `json:"prev_hash"`
	Hash string `json:"hash,omitempty"`
}

// Head names a line by its number and hash; the zero Head comes before the
// first.
type Head struct {
	Seq  uint64
	Hash string
}

// Genesis is the prev_hash of the first line.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// start is the Head before the first line.
func start() Head { return Head{Hash: Genesis} }

// maxLine bounds a line, in bytes: clean keeps what is written far below.
const maxLine = 256 << 10

// chain puts l behind head and returns its bytes with the line break.
func chain(head Head, l *Line) ([]byte, error) {
	l.Seq, l.Prev, l.Hash = head.Seq+1, head.Hash, ""
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return nil, fmt.Errorf("encoding line %d: %w", l.Seq, err)
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	l.Hash = digest(body)
	return append(body[:len(body)-1:len(body)-1], tail(l.Hash)...), nil
}

// tail is how a line ends.
func tail(hash string) string { return hashMember + hash + "\"}\n" }

const hashMember = `,"hash":"`

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// errChanged says that a line's hash is not that of its content.
var errChanged = errors.New("its hash does not fit its content")

// parse reads a line, which comes without its line break, and checks its hash.
// The line is returned also with errChanged, as far as it can be read.
func parse(text []byte) (Line, error) {
	var l Line
	if err := json.Unmarshal(text, &l); err != nil {
		return Line{}, errors.New("it is not a line of an audit log")
	}
	at := len(text) - len(tail(l.Hash)) + 1
	if at < 1 || !strings.HasPrefix(string(text[at:]), hashMember) {
		return l, errChanged
	}
	body := append(bytes.Clone(text[:at]), '}')
	if digest(body) != l.Hash {
		return l, errChanged
	}
	return l, nil
}

// follows reports how l fails to follow the line before it.
func (l Line) follows(head Head) error {
	switch {
	case l.Seq != head.Seq+1:
		return fmt.Errorf("line %d follows line %d: lines are missing or out of order", l.Seq, head.Seq)
	case l.Prev != head.Hash:
		return fmt.Errorf("line %d does not name the line before it", l.Seq)
	}
	return nil
}

func (l Line) head() Head { return Head{l.Seq, l.Hash} }
