package telnet

// option is one side's state of one option, as telnetd keeps it (the method is
// RFC 1143's in spirit, older in its details).
type option struct {
	is      bool // as was last negotiated
	want    bool
	pending int // requests of ours that were not answered
}

// settling reports whether an answer is awaited.
func (o option) settling() bool { return o.is != o.want }

// ask requests a change of the client's option: DO or DONT.
func (l *link) ask(opt byte, on bool) { l.request(&l.his[opt], opt, on, do, dont) }

// offer requests a change of one of ours: WILL or WONT.
func (l *link) offer(opt byte, on bool) { l.request(&l.mine[opt], opt, on, will, wont) }

func (l *link) request(o *option, opt byte, on bool, yes, no byte) {
	if o.pending == 0 && o.is == on || o.want == on {
		return
	}
	o.want = on && opt != optTM // so that a timing mark can be asked for again
	o.pending++
	l.reply(iac, pick(on, yes, no), opt)
}

func pick(on bool, yes, no byte) byte {
	if on {
		return yes
	}
	return no
}

// heard takes one of the client's requests and answers.
func (l *link) heard(verb, opt byte) {
	switch verb {
	case will:
		l.hisOn(opt)
	case wont:
		l.hisOff(opt)
	case do:
		l.mineOn(opt)
	case dont:
		l.mineOff(opt)
	}
}

// got counts an answer; settled says that none is missing.
func (o *option) got(on bool) (settled bool) {
	if o.pending > 0 {
		if o.pending--; o.pending > 0 && o.is == on {
			o.pending--
		}
	}
	return o.pending == 0
}

func (l *link) hisOn(opt byte) {
	o := &l.his[opt]
	asked, settled := o.want, o.got(true)
	switch {
	case settled && !asked && opt == optTM:
		l.kludge()
		return
	case settled && !asked && accepts(opt):
		o.want = true
		l.accepted(opt)
		l.reply(iac, do, opt)
	case settled && !asked:
		o.pending++
		l.reply(iac, dont, opt)
	case settled && opt == optEcho:
		l.ask(optEcho, false) // a client that echoes is to stop
	}
	o.is = true
	if settled && (asked || accepts(opt)) {
		l.nowHis(opt, asked)
	}
}

// accepts are the options that a client may bring up itself.
func accepts(opt byte) bool {
	switch opt {
	case optBinary, optSGA, optTerm, optSize, optSpeed, optFlow, optLinemode, optDisplay, optOldEnv, optEnv, optAuth, optEncrypt:
		return true
	}
	return false
}

// accepted prepares for an option that the client brought up.
func (l *link) accepted(opt byte) {
	switch opt {
	case optFlow:
		l.flowLevel(slcDefault)
	case optLinemode:
		l.kind = realLinemode
	}
}

// nowHis follows up on an option that the client has now.
func (l *link) nowHis(opt byte, asked bool) {
	switch {
	case opt == optLinemode:
		l.kind = realLinemode
		l.clientLinemode(true)
	case opt == optAuth:
		// The ways of Kerberos 5, with and without mutual authentication.
		l.tell(false, optAuth, send, 2, 2, 2, 0)
	case opt == optEncrypt:
		l.tell(false, optEncrypt, 1)
	case opt == optFlow && asked:
		l.tellFlow()
	}
}

func (l *link) hisOff(opt byte) {
	o := &l.his[opt]
	asked, settled := o.want, o.got(false)
	switch {
	case settled && asked:
		l.refused(opt)
		o.want = false
		if o.is {
			l.reply(iac, dont, opt)
		}
	case settled && opt == optTM && l.kind < kludgeIfAsked:
		l.kind = noLinemode
		l.clientLinemode(false)
		l.offer(optSGA, true)
		l.offer(optEcho, true)
	}
	o.is = false
}

// refused follows up on an option that the client does not want.
func (l *link) refused(opt byte) {
	switch opt {
	case optLinemode:
		if l.kind == realLinemode {
			l.clientLinemode(false)
		}
	case optFlow:
		l.flowLevel(slcCantChange)
	case optTerm, optSpeed, optDisplay, optOldEnv, optEnv:
		l.answered[opt] = true
	}
}

func (l *link) mineOn(opt byte) {
	o := &l.mine[opt]
	asked, settled := o.want, o.got(true)
	if settled && !asked {
		switch {
		case opt == optTM: // each is answered, and none stays
			l.reply(iac, will, opt)
			o.is = false
			return
		case opt == optLogout:
			l.reply(iac, will, opt)
			l.over = true
		case l.offers(opt):
			o.want = true
			l.reply(iac, will, opt)
		default:
			o.pending++
			l.reply(iac, wont, opt)
		}
	}
	o.is = true
}

// offers are the options of ours that a client may bring up.
func (l *link) offers(opt byte) bool {
	switch opt {
	case optSGA:
		if l.kind == kludgeLinemode {
			l.clientLinemode(false) // that is how such a client leaves it
		}
		return true
	case optEcho, optBinary, optStatus, optEncrypt:
		return true
	}
	return false
}

func (l *link) mineOff(opt byte) {
	o := &l.mine[opt]
	asked, settled := o.want, o.got(false)
	if settled && asked {
		if opt == optSGA && (l.kind == kludgeLinemode || l.kind == kludgeOK) {
			l.kind = kludgeLinemode
			l.clientLinemode(true)
		}
		o.want = false
		if o.is {
			l.reply(iac, wont, opt)
		}
	}
	o.is = false
}
