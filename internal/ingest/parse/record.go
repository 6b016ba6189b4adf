package parse

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what happened.
type Kind string

// The kinds of records that the parsers make.
const (
	AuthFailed      Kind = "auth_failed"      // a password was refused, or somebody left without one that fits
	AuthSucceeded   Kind = "auth_succeeded"   // somebody was let in
	PrivilegeDenied Kind = "privilege_denied" // a known user asked for more than is theirs
	HTTPRequest     Kind = "http_request"     // a request that was answered
)

// The attributes of records. What is not known is left out.
const (
	Service   = "service"    // who asked for the login: sshd, su, sudo, ...
	Host      = "host"       // the machine that logged it, as the line says
	Method    = "method"     // of a login: password, ...; of a request: GET, ...
	Port      = "port"       // the client's
	Reason    = "reason"     // why it was refused, one of a parser's words
	Path      = "path"       // a request's target with its query, as it was sent
	Request   = "request"    // the first line of what is no request, escaped
	Status    = "status"     // the answer's
	Bytes     = "bytes"      // of the answer's body
	Referer   = "referer"    //
	UserAgent = "user_agent" //
	VHost     = "vhost"      // the name and port that answered
	TTY       = "tty"        //
	RUser     = "ruser"      // who asked, where that is not the user asked for
	RHost     = "rhost"      // where from, when that is no address
)

// Bounds of a record. Longer texts are cut.
const (
	MaxUser  = 256      // bytes of User
	MaxValue = 32 << 10 // bytes of one attribute; no web server takes a longer path by default
	MaxTimes = 1024     // records that one line stands for
	MaxBatch = 256      // records that a Recorder is given at once
)

// Record is one thing that a log tells of.
type Record struct {
	// ID is 32 digits, the same whenever a line is read again; empty where lines
	// come once.
	ID         string
	Kind       Kind
	Time       time.Time         // when it was logged; never after it was read
	SourceIP   netip.Addr        // who did it; the zero Addr: the log does not say, or says it ambiguously
	User       string            // the account it is about, as it was typed
	Attributes map[string]string // by the names above; not to be changed: records of one line share it
}

// Recorder takes records.
type Recorder interface {
	// Record returns once up to MaxBatch records are durable. Their texts are as
	// they were logged: it redacts them before it keeps anything. Kinds that it
	// has no use for are dropped without an error. After an error the batch comes
	// again, whole.
	Record(ctx context.Context, batch []Record) error
}

// tidied is the record with its texts cut and valid UTF-8, without empty ones.
func (r Record) tidied() Record {
	r.User = clip(r.User, MaxUser)
	r.SourceIP = r.SourceIP.Unmap().WithZone("")
	for k, v := range r.Attributes {
		if v == "" {
			delete(r.Attributes, k)
			continue
		}
		if clipped := clip(v, MaxValue); clipped != v {
			r.Attributes[k] = clipped
		}
	}
	return r
}

// clip makes a text valid UTF-8 and cuts it between two characters.
func clip(text string, most int) string {
	text = strings.ToValidUTF8(text[:min(len(text), most+utf8.UTFMax)], "\uFFFD")
	for cut := most; len(text) > most; cut-- {
		if utf8.RuneStart(text[cut]) {
			text = text[:cut]
		}
	}
	return text
}
