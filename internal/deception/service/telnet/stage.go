package telnet

import "slices"

// stage is how far a conversation is, before login begins. telnetd waits in each
// for as long as the client takes.
type stage int

const (
	optionsAsked stage = iota
	detailsAsked       // about the options that the client has
	otherNames         // the terminal's name is unknown: are there others?
	firstNameAgain
	windowAsked
	echoAsked
	ready
)

// begin says what telnetd says first.
func (l *link) begin() {
	l.offer(optAuth, true)
	l.offer(optEncrypt, true)
	for _, opt := range []byte{optTerm, optSpeed, optDisplay, optEnv, optOldEnv} {
		l.ask(opt, true)
	}
}

// advance goes on as far as what the client said allows.
func (l *link) advance() {
	for l.stage < ready && l.settled() {
		l.stage = l.next()
	}
}

// settled reports whether all that the stage waits for has come.
func (l *link) settled() bool {
	switch l.stage {
	case optionsAsked:
		return !l.mine[optEncrypt].settling() && !slices.ContainsFunc(details(), func(opt byte) bool { return l.his[opt].settling() })
	case detailsAsked:
		return !slices.ContainsFunc(details(), func(opt byte) bool { return l.his[opt].is && !l.answered[opt] })
	case otherNames, firstNameAgain:
		return l.answered[optTerm] || !l.his[optTerm].is
	case windowAsked:
		return !l.his[optSize].settling()
	case echoAsked:
		return !l.his[optEcho].want || !l.his[optSize].is || !l.his[optEcho].settling()
	}
	return false
}

// details are the options that a client has something to tell about.
func details() []byte { return []byte{optTerm, optSpeed, optDisplay, optEnv, optOldEnv} }

// next does what follows a stage.
func (l *link) next() stage {
	switch l.stage {
	case optionsAsked:
		l.askDetails()
		return detailsAsked
	case detailsAsked:
		if !l.his[optTerm].is || l.knownTerminal() {
			break
		}
		l.firstTerm = l.term
		return l.askName(otherNames)
	case otherNames:
		return l.otherName()
	case firstNameAgain:
		l.term = l.firstTerm
	case windowAsked:
		return echoAsked
	case echoAsked:
		l.prepare()
		return ready
	}
	l.askWindow()
	return windowAsked
}

func (l *link) askDetails() {
	for _, opt := range []byte{optSpeed, optDisplay, optEnv, optOldEnv, optTerm} {
		if l.his[opt].is && (opt != optOldEnv || !l.his[optEnv].is) {
			l.tell(false, opt, send)
		}
	}
}

// askName asks for the terminal's next name.
func (l *link) askName(then stage) stage {
	l.lastTerm = l.term
	if l.his[optTerm].is {
		l.answered[optTerm] = false
		l.tell(false, optTerm, send)
	}
	return then
}

// otherName sees whether the next name is known. One that repeats is the last; a
// client then begins from the first, which is taken.
func (l *link) otherName() stage {
	repeats := l.term == l.lastTerm || !l.his[optTerm].is
	switch {
	case l.knownTerminal() || repeats && l.term == l.firstTerm:
		l.askWindow()
		return windowAsked
	case repeats:
		return l.askName(firstNameAgain)
	}
	return l.askName(otherNames)
}

// knownTerminal reports whether Debian's ncurses-base describes the terminal.
// Without a name nobody knows better.
func (l *link) knownTerminal() bool {
	return !l.named || slices.Contains(terminals(), l.term)
}

func terminals() []string {
	return []string{
		"ansi", "cons25", "cons25-debian", "cygwin", "dumb", "hurd", "linux", "mach", "mach-bold", "mach-color", "mach-gnu", "mach-gnu-color",
		"pcansi", "rxvt", "rxvt-basic", "rxvt-m", "rxvt-unicode", "rxvt-unicode-256color", "screen", "screen-256color", "screen-256color-bce",
		"screen-bce", "screen-s", "screen-w", "screen.xterm-256color", "sun", "tmux", "tmux-256color", "vt100", "vt102", "vt220", "vt52", "wsvt25",
		"wsvt25m", "xterm", "xterm-256color", "xterm-color", "xterm-debian", "xterm-mono", "xterm-r5", "xterm-r6", "xterm-vt220", "xterm-xfree86",
	}
}

func (l *link) askWindow() {
	l.offer(optSGA, true)
	l.ask(optEcho, true) // a very old client says that it echoes, and is to stop
	if !l.his[optLinemode].is {
		l.line, l.mode = false, 0
		l.ask(optLinemode, true)
	}
	l.ask(optSize, true)
	l.offer(optStatus, true)
	l.ask(optFlow, true)
}

// prepare sets the terminal up.
func (l *link) prepare() {
	if l.his[optEcho].want {
		l.hisOn(optEcho) // it did not answer, so it is taken to echo
	}
	l.offer(optEcho, true)
	if l.kind < realLinemode {
		l.ask(optTM, true)
	}
	l.terminalMode()
	l.terminal = true
	if l.deferred != nil {
		l.clientSLC(l.deferred)
		l.deferred = nil
	}
	l.typed = nil // login drops what was typed before it asks
}
