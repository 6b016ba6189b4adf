package telnet

import "bytes"

// subnegotiation takes what a client tells about an option.
func (l *link) subnegotiation(b []byte) {
	if len(b) == 0 {
		return
	}
	opt, b := b[0], b[1:]
	switch opt {
	case optTerm, optSpeed:
		if l.his[opt].is {
			l.answered[opt] = true
			l.detail(opt, b)
		}
	case optDisplay, optEnv, optOldEnv:
		if len(b) > 0 && b[0] == is {
			l.answered[opt] = true
		}
		l.detail(opt, b)
	case optSize:
		l.window(b)
	case optLinemode:
		l.linemodeSub(b)
	case optStatus:
		if len(b) > 0 && b[0] == send && l.mine[optStatus].is {
			l.status()
		}
	}
}

// detail keeps what a client says of itself. telnetd takes its terminal and its
// display; since 2:2.4-2+deb12u3 nothing of its environment, which once let
// everybody in who called himself "-f root".
func (l *link) detail(opt byte, b []byte) {
	if len(b) == 0 {
		return
	}
	kind, text := b[0], b[1:]
	switch {
	case opt == optTerm && kind == is:
		l.term, l.named = string(bytes.ToLower(text)), true
	case opt == optSpeed && kind == is:
		l.speed = string(text)
	case opt == optDisplay && kind == is:
		l.display = string(text)
	case opt == optEnv || opt == optOldEnv:
		l.environment = append([]byte{}, text...)
	}
}

func (l *link) window(b []byte) {
	if !l.his[optSize].is || len(b) < 4 {
		return
	}
	l.columns, l.rows = int(b[0])<<8|int(b[1]), int(b[2])<<8|int(b[3])
	l.resized = true
}

func (l *link) linemodeSub(b []byte) {
	if !l.his[optLinemode].is || len(b) < 2 {
		return
	}
	switch b[0] {
	case modeSLC:
		l.clientSLC(b[1:])
	case modeMode:
		l.clientMode(b[1])
	}
}
