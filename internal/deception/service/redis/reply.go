package redis

import (
	"math"
	"strconv"
	"strings"
)

// maxReply bounds what waits to be sent to one client. A real server has no
// such bound for ordinary clients; it would use as much memory as it is asked
// for.
const maxReply = 32 << 20

// reply collects what is sent to a client, in the version of the protocol that
// the client chose (https://redis.io/docs/reference/protocol-spec).
type reply struct {
	buf    []byte
	proto  int  // 2 or 3
	over   bool // more than maxReply was written: the client is to be dropped
	errors int  // error replies so far
	last   string
	sent   int64
	loan   *loan
	held   bool // CLIENT REPLY OFF or SKIP: nothing is sent
}

func (r *reply) raw(parts ...string) {
	if r.held {
		return
	}
	for _, p := range parts {
		if len(r.buf)+len(p) > maxReply || !r.loan.need(int64(len(p))) {
			r.over = true
			return
		}
		r.buf = append(r.buf, p...)
	}
}

func (r *reply) head(kind string, n int) { r.raw(kind, strconv.Itoa(n), "\r\n") }

func (r *reply) status(s string) { r.raw("+", s, "\r\n") }

func (r *reply) ok() { r.status("OK") }

// fail answers with an error. What a client sent may be part of it, so line
// ends are made blanks as the real server does.
func (r *reply) fail(text string) {
	r.errors++
	r.last, _, _ = strings.Cut(text, " ")
	r.raw("-", strings.NewReplacer("\r", " ", "\n", " ").Replace(text), "\r\n")
}

func (r *reply) number(n int64) { r.raw(":", strconv.FormatInt(n, 10), "\r\n") }

func (r *reply) yes(b bool) {
	if b {
		r.number(1)
		return
	}
	r.number(0)
}

func (r *reply) bulk(s string) {
	r.head("$", len(s))
	r.raw(s, "\r\n")
}

func (r *reply) bulks(list []string) {
	r.array(len(list))
	for _, s := range list {
		r.bulk(s)
	}
}

func (r *reply) null() {
	if r.proto == 3 {
		r.raw("_\r\n")
		return
	}
	r.raw("$-1\r\n")
}

func (r *reply) nullArray() {
	if r.proto == 3 {
		r.raw("_\r\n")
		return
	}
	r.raw("*-1\r\n")
}

func (r *reply) array(n int) { r.head("*", n) }

// pairs begins a map of n pairs.
func (r *reply) pairs(n int) {
	if r.proto == 3 {
		r.head("%", n)
		return
	}
	r.array(2 * n)
}

func (r *reply) set(n int) {
	if r.proto == 3 {
		r.head("~", n)
		return
	}
	r.array(n)
}

func (r *reply) push(n int) {
	if r.proto == 3 {
		r.head(">", n)
		return
	}
	r.array(n)
}

func (r *reply) double(f float64) {
	if r.proto == 3 {
		r.raw(",", formatScore(f), "\r\n")
		return
	}
	r.bulk(formatScore(f))
}

// text is a bulk that version 3 marks as plain text.
func (r *reply) text(s string) {
	if r.proto == 3 {
		r.head("=", len(s)+4)
		r.raw("txt:", s, "\r\n")
		return
	}
	r.bulk(s)
}

// formatScore writes a floating point number as the server does: whole numbers
// without a point, others with 17 significant digits.
func formatScore(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case f == math.Trunc(f) && math.Abs(f) < 1e17:
		return strconv.FormatInt(int64(f), 10)
	}
	return cFormat(f, 17)
}

// cFormat is C's %.<digits>g.
func cFormat(f float64, digits int) string {
	e := strconv.FormatFloat(f, 'e', digits-1, 64)
	mantissa, exp, _ := strings.Cut(e, "e")
	x, err := strconv.Atoi(exp)
	if err == nil && x >= -4 && x < digits {
		s := strconv.FormatFloat(f, 'f', digits-1-x, 64)
		return trimZeros(s)
	}
	return trimZeros(mantissa) + "e" + exp
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
