package telnet

// slcs is how many special characters there are (RFC 1184, section 2.4).
const slcs = 18

// How well a special character is supported, and what else a triplet says.
const (
	slcNoSupport  = 0
	slcCantChange = 1
	slcVariable   = 2
	slcDefault    = 3
	slcLevel      = 3
	slcFlushOut   = 0x20
	slcFlushIn    = 0x40
	slcAck        = 0x80
)

// The special characters that are named here.
const (
	slcSynch = 1
	slcIP    = 3
	slcAO    = 4
	slcAbort = 7
	slcEC    = 10
	slcEL    = 11
	slcEW    = 12
	slcRP    = 13
	slcLNext = 14
	slcXON   = 15
	slcXOFF  = 16
)

// special is one special character: how the terminal has it, and what was agreed.
type special struct {
	flag, value       byte // of the terminal
	known             bool // the terminal has it
	nowFlag, nowValue byte // agreed
}

// specials are those of a new terminal of Linux.
func specials() (out [slcs + 1]special) {
	for i, s := range map[byte]special{
		slcIP: {flag: slcVariable | slcFlushIn | slcFlushOut, value: keyInterrupt}, slcAO: {flag: slcVariable | slcFlushOut, value: keyDiscard},
		slcAbort: {flag: slcVariable | slcFlushIn | slcFlushOut, value: keyQuit}, 8: {flag: slcVariable, value: keyEOF},
		9: {flag: slcVariable | slcFlushIn, value: keySuspend}, slcEC: {flag: slcVariable, value: keyErase}, slcEL: {flag: slcVariable, value: keyKill},
		slcEW: {flag: slcVariable, value: keyWord}, slcRP: {flag: slcVariable, value: keyReprint}, slcLNext: {flag: slcVariable, value: keyLiteral},
		slcXON: {flag: slcVariable, value: 17}, slcXOFF: {flag: slcVariable, value: 19}, 17: {flag: slcVariable}, 18: {flag: slcVariable},
	} {
		s.known = true
		out[i] = s
	}
	for _, i := range []int{slcSynch, 2, 5, 6} {
		out[i].flag = slcDefault
	}
	return out
}

// flowLevel says how well the keys that stop output are supported.
func (l *link) flowLevel(level byte) {
	for _, i := range []int{slcXON, slcXOFF} {
		l.slc[i].flag = l.slc[i].flag&^slcLevel | level
	}
}

// sendSLC adds what was agreed, and urges the client to choose keys for editing.
func (l *link) sendSLC(to []byte) []byte {
	for i := byte(1); i <= slcs; i++ {
		s := l.slc[i]
		switch {
		case s.nowFlag&slcLevel != slcNoSupport:
			to = append(to, i, s.nowFlag, s.nowValue)
		case i == slcEC || i == slcEL || i == slcEW || i == slcRP || i == slcLNext:
			to = append(to, i, s.nowFlag&^slcLevel|slcDefault, 0)
		}
	}
	return to
}

// clientSLC answers the client's triplets. Before there is a terminal the first
// such message waits for it, and others are lost.
func (l *link) clientSLC(b []byte) {
	if !l.terminal {
		if l.deferred == nil {
			l.deferred = append([]byte{}, b...)
		}
		return
	}
	var out []byte
	for ; len(b) >= 3; b = b[3:] {
		out = l.triplet(out, b[0], b[1], b[2])
	}
	if len(out) == 0 {
		return
	}
	l.reply(iac, sb, optLinemode, modeSLC)
	for _, c := range out {
		if l.reply(c); c == iac {
			l.reply(c)
		}
	}
	l.reply(iac, se)
}

func (l *link) triplet(out []byte, fn, flag, value byte) []byte {
	switch {
	case fn > slcs:
		return append(out, fn, slcNoSupport, 0)
	case fn == 0 && flag&slcLevel == slcDefault:
		l.defaultSLC()
		return l.sendSLC(out)
	case fn == 0 && flag&slcLevel == slcVariable:
		return l.sendSLC(out)
	case fn == 0:
		return out
	}
	s := &l.slc[fn]
	same := flag&slcLevel == s.nowFlag&slcLevel
	if flag&slcAck != 0 || same && value == s.nowValue {
		return out
	}
	flag, value = s.change(flag, value)
	return append(out, fn, flag, value)
}

// defaultSLC makes everything as the terminal has it.
func (l *link) defaultSLC() {
	for i := 1; i <= slcs; i++ {
		s := &l.slc[i]
		if s.nowFlag, s.nowValue = s.flag, s.value; s.value == 0 {
			s.nowFlag = slcNoSupport
		}
	}
}

// change agrees on what the client wants, or says what can be had.
func (s *special) change(flag, value byte) (byte, byte) {
	his, ours := flag&slcLevel, s.flag&slcLevel
	switch {
	case his == slcNoSupport:
		s.nowFlag, s.nowValue = flag, 0
		return flag | slcAck, value
	case his == slcDefault:
		if s.nowFlag = s.flag; ours == slcDefault {
			s.nowFlag = slcNoSupport
		}
		s.nowValue = s.value
		return s.nowFlag, s.nowValue
	case s.known || ours == slcDefault:
		s.nowFlag, s.nowValue = flag, value
		return flag | slcAck, value
	case his == slcCantChange && ours == slcCantChange:
		ours = slcNoSupport
	}
	s.nowFlag = flag&^slcLevel | ours
	return s.nowFlag, value
}
