package telnet

import "slices"

// maxSub is how much of a subnegotiation telnetd keeps; the rest is dropped.
const maxSub = 512

// maxEarly is how much is kept of what a client says before its options are
// settled.
const maxEarly = 512

// state is where in a command the parser is.
type state int

const (
	inData state = iota
	afterIAC
	afterCR
	inSub
	afterSubIAC
	afterVerb
)

// link is the protocol of one connection. feed takes what the client sent; what
// is to be sent piles up in out, what was typed in typed. It is not safe for
// concurrent use.
type link struct {
	his, mine [256]option
	stage     stage
	state     state
	verb      byte
	sub       []byte

	linemode
	slc       [slcs + 1]special
	deferred  []byte        // the SLC that came before there was a terminal
	answered  map[byte]bool // options whose subnegotiation was answered
	flowKnown bool          // the client was told how stopped output goes on
	terminal  bool          // it was set up: the client is with login
	over      bool          // the client wanted to be logged out

	out   []byte
	typed []byte
	early []byte // of what came before the terminal was set up

	term, firstTerm, lastTerm string
	named                     bool // the client named a terminal
	speed, display            string
	environment               []byte
	columns, rows             int
	resized                   bool
}

func newLink() *link {
	l := &link{answered: map[byte]bool{}}
	l.slc = specials()
	return l
}

// feed takes what the client sent in one piece.
func (l *link) feed(b []byte) {
	if !l.terminal {
		l.early = append(l.early, b[:min(len(b), maxEarly-len(l.early))]...)
	}
	for i := 0; i < len(b) && !l.over; i++ {
		if l.state == inData && b[i] == '\r' && l.line && !l.his[optBinary].is && i+1 < len(b) && (b[i+1] == '\n' || b[i+1] == 0) {
			l.typed = append(l.typed, '\n') // a client that edits lines itself ends them
			i++
			continue
		}
		l.take(b[i])
	}
	l.advance()
}

func (l *link) take(c byte) {
	switch l.state {
	case afterCR:
		l.state = inData
		if c != 0 && c != '\n' {
			l.data(c)
		}
	case inData:
		l.data(c)
	case afterIAC:
		l.state = inData
		l.command(c)
	case inSub:
		if c == iac {
			l.state = afterSubIAC
		} else {
			l.collect(c)
		}
	case afterSubIAC:
		l.endSub(c)
	case afterVerb:
		l.state = inData
		l.heard(l.verb, c)
	}
}

func (l *link) data(c byte) {
	if c == iac {
		l.state = afterIAC
		return
	}
	if c == '\r' && !l.his[optBinary].is {
		l.state = afterCR
	}
	l.typed = append(l.typed, c)
}

func (l *link) collect(c byte) {
	if len(l.sub) < maxSub {
		l.sub = append(l.sub, c)
	}
}

// endSub is the byte after IAC in a subnegotiation. One that is neither its end
// nor a doubled IAC ends it as well, and begins a command.
func (l *link) endSub(c byte) {
	if c == iac {
		l.state = inSub
		l.collect(c)
		return
	}
	l.state = inData
	l.subnegotiation(l.sub)
	l.sub = l.sub[:0]
	if c != se {
		l.command(c)
	}
}

// command is the byte after IAC.
func (l *link) command(c byte) {
	if key, ok := keys()[c]; ok {
		l.typed = append(l.typed, key)
		return
	}
	switch c {
	case sb:
		l.state, l.sub = inSub, l.sub[:0]
	case will, wont, do, dont:
		l.state, l.verb = afterVerb, c
	case ayt:
		l.out = append(l.out, "\r\n[Yes]\r\n"...)
	case ao:
		l.out = append(l.out, iac, dm)
		l.typed = append(l.typed, keyDiscard)
	case eor:
		if l.his[optEOR].is {
			l.typed = append(l.typed, keyEOF)
		}
	case iac:
		l.typed = append(l.typed, c)
	}
}

// keys are the commands that stand for a key.
func keys() map[byte]byte {
	return map[byte]byte{ip: keyInterrupt, brk: keyQuit, abort: keyQuit, susp: keySuspend, xEOF: keyEOF, ec: keyErase, el: keyKill}
}

// show queues what a terminal shows.
func (l *link) show(b []byte) {
	for len(b) > 0 {
		n := slices.IndexFunc(b, func(c byte) bool { return c == '\r' || c == iac })
		if n < 0 {
			l.out = append(l.out, b...)
			return
		}
		l.out = append(l.out, b[:n+1]...)
		switch {
		case b[n] == iac:
			l.out = append(l.out, iac)
		case !l.mine[optBinary].is && (n+1 == len(b) || b[n+1] != '\n'):
			l.out = append(l.out, 0)
		}
		b = b[n+1:]
	}
}

// reply queues a command.
func (l *link) reply(b ...byte) { l.out = append(l.out, b...) }

// tell queues a subnegotiation. Behind those that telnetd makes with sprintf it
// sends the zero that ends the text, too.
func (l *link) tell(zero bool, payload ...byte) {
	l.reply(iac, sb)
	l.reply(payload...)
	l.reply(iac, se)
	if zero {
		l.reply(0)
	}
}

// answer is what there is to send; it is forgotten here.
func (l *link) answer() []byte {
	out := l.out
	l.out = nil
	return out
}
