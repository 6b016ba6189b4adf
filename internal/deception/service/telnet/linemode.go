package telnet

// lineKind is what a client can do of editing lines itself.
type lineKind int

const (
	noLinemode lineKind = iota
	kludgeLinemode
	kludgeIfAsked // set by an option of telnetd's that inetd.conf does not have
	kludgeOK
	realLinemode
)

// linemode is the state of the option LINEMODE (RFC 1184). Linux has no flag of
// a terminal that keeps it on, so telnetd ends it as soon as there is one.
type linemode struct {
	kind lineKind
	line bool // the client edits
	mode byte // what it was told to do itself
}

// The modes: editing, and turning keys into signals; ack agrees.
const (
	modeEdit = 1
	modeTrap = 2
	modeAck  = 4
	modeEcho = 16 // control characters are echoed as they are
	modeMask = 31
)

// clientLinemode does what the client wants of it.
func (l *link) clientLinemode(on bool) {
	if on == l.line {
		return
	}
	if on && l.kind == realLinemode {
		l.mode = l.slaveMode()
		l.tell(true, optLinemode, modeMode, l.mode)
	}
	if l.line = on; !on {
		l.offer(optEcho, true)
	}
}

// slaveMode is what the terminal does itself. Before telnetd has read its
// settings they are zeros.
func (l *link) slaveMode() byte {
	if l.stage < windowAsked {
		return modeEcho
	}
	return modeEdit | modeTrap
}

// kludge is a client that answers a timing mark: it is taken for one that edits
// lines while there is no SGA.
func (l *link) kludge() {
	switch {
	case l.kind < kludgeLinemode:
		l.kind = kludgeLinemode
		l.clientLinemode(true)
		l.offer(optSGA, false)
	case l.kind == kludgeIfAsked:
		l.kind = kludgeOK
	}
}

// clientMode is a mode that the client names.
func (l *link) clientMode(mode byte) {
	mode &= modeMask
	ack := mode&modeAck != 0
	if mode &^= modeAck; mode == l.mode {
		return
	}
	if ack {
		l.terminalMode()
	} else {
		l.tell(true, optLinemode, modeMode, mode|modeAck)
	}
	l.mode = mode
}

// terminalMode brings the options in line with the terminal: eight bits come in,
// and nobody but the terminal edits.
func (l *link) terminalMode() {
	l.ask(optBinary, true)
	l.tellFlow()
	switch {
	case l.line && l.kind == realLinemode:
		l.ask(optLinemode, false)
		l.offer(optEcho, true)
	case l.line && l.kind == kludgeLinemode:
		l.offer(optSGA, true)
		l.offer(optEcho, true)
	case l.kind == kludgeLinemode:
		l.offer(optSGA, true)
	}
	l.line = false
}

// tellFlow tells a client that stops output which key goes on.
func (l *link) tellFlow() {
	if l.his[optFlow].is && !l.flowKnown {
		l.flowKnown = true
		l.tell(true, optFlow, flowRestartXON)
	}
}

// status tells which options are on (RFC 859).
func (l *link) status() {
	l.reply(iac, sb, optStatus, is)
	for opt := range byte(options) {
		if l.mine[opt].want {
			l.reply(will, opt)
		}
		if l.his[opt].want {
			l.reply(do, opt)
		}
	}
	if l.his[optFlow].want {
		l.reply(sb, optFlow, flowOn, se)
		if l.flowKnown {
			l.reply(sb, optFlow, flowRestartXON, se)
		}
	}
	if l.his[optLinemode].want {
		l.reply(sb, optLinemode, modeMode, l.mode, se, sb, optLinemode, modeSLC)
		for _, c := range l.sendSLC(nil) {
			if l.reply(c); c == se || c == iac {
				l.reply(c)
			}
		}
		l.reply(se)
	}
	l.reply(iac, se)
}
