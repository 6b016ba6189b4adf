package shell

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"mvdan.cc/sh/v3/syntax"
)

// reason is why a call of the file system failed.
func reason(err error) string {
	var no vfs.Errno
	if errors.As(err, &no) {
		return no.Error()
	}
	return err.Error()
}

func modeOf(mask uint32) fs.FileMode { return fs.FileMode(mask) & fs.ModePerm }

// redirect does redirections one by one, and reports the one that fails.
func (sh *shell) redirect(list []*syntax.Redirect) error {
	for _, r := range list {
		if err := sh.redirectOne(r); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shell) redirectOne(r *syntax.Redirect) error {
	fd := 1
	switch r.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		fd = 0
	}
	named := ""
	if r.N != nil {
		if n, err := strconv.Atoi(r.N.Value); err == nil {
			fd = n
		} else {
			named = strings.Trim(r.N.Value, "{}")
		}
	}
	d, again, err := sh.target(r, fd, named)
	if err != nil {
		return err
	}
	if named != "" {
		fd = sh.fds.free(10)
		if err := sh.setVar(named, strconv.Itoa(fd)); err != nil {
			return err
		}
	}
	if fd > mostDescriptor {
		discard(d)
		return sh.builtinFault("%d: Bad file descriptor", fd)
	}
	sh.fds.set(fd, d)
	if again {
		sh.fds.set(2, d)
	}
	return nil
}

// target is what a redirection leads to; nil closes. both says that errors go
// there too.
func (sh *shell) target(r *syntax.Redirect, fd int, named string) (d *desc, both bool, err error) {
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text, err := sh.heredoc(r)
		if err != nil {
			return nil, false, err
		}
		d, err = sh.hereText(text)
		return d, false, err
	case syntax.WordHdoc:
		text, err := sh.text(r.Word)
		if err != nil {
			return nil, false, err
		}
		d, err = sh.hereText(text + "\n")
		return d, false, err
	}
	word, err := sh.redirectWord(r.Word)
	if err != nil {
		return nil, false, err
	}
	switch r.Op {
	case syntax.DplIn, syntax.DplOut:
		return sh.duplicate(r, word, fd, named)
	case syntax.RdrAll, syntax.AppAll:
		both = true
	}
	d, err = sh.openFor(r.Op, word)
	return d, both, err
}

// redirectWord expands the name of a file, which must be one word.
func (sh *shell) redirectWord(w *syntax.Word) (string, error) {
	if sh.dash {
		return sh.text(w)
	}
	mark := sh.building
	list, err := sh.fields([]*syntax.Word{w})
	sh.unbuild(mark)
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", sh.builtinFault("%s: ambiguous redirect", source(w))
	}
	return list[0], nil
}

// discard closes what leads nowhere, unless a descriptor leads there.
func discard(d *desc) {
	if d != nil {
		d.refs.Add(1)
		d.drop()
	}
}

// hereText is a here-document with its text, which a login has no more of than memory.
func (sh *shell) hereText(text string) (*desc, error) {
	cost := len(text) + pipeCost
	if !sh.login.hold(cost) {
		return nil, sh.builtinFault("cannot create temp file for here-document: %s", vfs.ENOSPC)
	}
	rest := []byte(text)
	return open(textStream{rest: &rest, free: func() { sh.login.hold(-cost) }}), nil
}

// heredoc is the text of a here-document: expanded unless its end was quoted.
func (sh *shell) heredoc(r *syntax.Redirect) (string, error) {
	if r.Hdoc == nil {
		return "", nil
	}
	var b strings.Builder
	mark := sh.building
	defer func() { sh.unbuild(mark) }()
	for _, p := range r.Hdoc.Parts {
		if l, ok := p.(*syntax.Lit); ok && quotedEnd(r.Word) {
			b.WriteString(l.Value)
			continue
		}
		s, err := sh.join(&syntax.Word{Parts: []syntax.WordPart{p}}, mode{quoted: true, heredoc: true})
		if err == nil {
			err = sh.build(len(s))
		}
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	if r.Op == syntax.DashHdoc {
		return untabbed(b.String()), nil
	}
	return b.String(), nil
}

func quotedEnd(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if l, ok := p.(*syntax.Lit); !ok || strings.Contains(l.Value, "\\") {
			return true
		}
	}
	return false
}

func untabbed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], "\t")
	}
	return strings.Join(lines, "\n")
}

// duplicate is n>&m, n>&- and n>&m-; >&file is &>file.
func (sh *shell) duplicate(r *syntax.Redirect, word string, fd int, named string) (*desc, bool, error) {
	if word == "-" {
		if named != "" {
			if n, err := strconv.Atoi(sh.get(named)); err == nil {
				sh.fds.set(n, nil)
			}
		}
		return nil, false, nil
	}
	move := strings.HasSuffix(word, "-")
	n, err := strconv.Atoi(strings.TrimSuffix(word, "-"))
	if err != nil {
		if r.Op == syntax.DplOut && r.N == nil && !sh.dash {
			d, err := sh.openFor(syntax.RdrOut, word)
			return d, true, err
		}
		return nil, false, sh.builtinFault("%s: ambiguous redirect", source(r.Word))
	}
	d := sh.fds[n]
	if d == nil {
		return nil, false, sh.builtinFault("%s: Bad file descriptor", word)
	}
	if move && n != fd {
		d.refs.Add(1)
		sh.fds.set(n, nil)
		d.refs.Add(-1)
	}
	return d, false, nil
}

func (sh *shell) openFor(op syntax.RedirOperator, name string) (*desc, error) {
	flag := vfs.O_RDONLY
	switch op {
	case syntax.RdrOut, syntax.RdrClob, syntax.RdrAll:
		flag = vfs.O_WRONLY | vfs.O_CREATE | vfs.O_TRUNC
	case syntax.AppOut, syntax.AppAll:
		flag = vfs.O_WRONLY | vfs.O_CREATE | vfs.O_APPEND
	case syntax.RdrInOut:
		flag = vfs.O_RDWR | vfs.O_CREATE
	}
	if op == syntax.RdrOut && sh.options.noclobber {
		if i, err := sh.view().Stat(name); err == nil && i.Mode.IsRegular() {
			return nil, sh.builtinFault("%s: cannot overwrite existing file", name)
		}
	}
	if !sh.dash {
		if err := sh.network(name); err != nil {
			return nil, err
		}
	}
	return sh.openName(name, flag)
}

func (sh *shell) openName(name string, flag int) (*desc, error) {
	if name == "" {
		return nil, sh.builtinFault("%s: No such file or directory", name)
	}
	if d, ok := sh.own(sh.abs(name)); ok {
		if d == nil {
			return nil, sh.builtinFault("%s: No such file or directory", name)
		}
		return d, nil
	}
	f, err := sh.view().Open(name, flag, 0o666)
	if err == nil {
		if i, e := f.Stat(); e == nil && i.IsDir() && flag != vfs.O_RDONLY {
			_ = f.Close()
			err = vfs.EISDIR
		}
	}
	if err != nil {
		if sh.dash {
			verb := map[bool]string{true: "open", false: "create"}[flag == vfs.O_RDONLY]
			return nil, sh.builtinFault("cannot %s %s: %s", verb, name, dashReason(err))
		}
		return nil, sh.builtinFault("%s: %s", name, reason(err))
	}
	return openFile(f), nil
}

func dashReason(err error) string {
	switch reason(err) {
	case vfs.ENOENT.Error():
		return "No such file"
	}
	return reason(err)
}

// network is /dev/tcp/host/port: bash's own connection, that nobody answers.
func (sh *shell) network(name string) error {
	proto, rest := "tcp", ""
	var ok bool
	if rest, ok = strings.CutPrefix(name, "/dev/tcp/"); !ok {
		if rest, ok = strings.CutPrefix(name, "/dev/udp/"); !ok {
			return nil
		}
		proto = "udp"
	}
	host, port, ok := strings.Cut(rest, "/")
	if !ok || host == "" || port == "" {
		return nil
	}
	if s := sh.login.Session; s != nil {
		s.Record(service.Forward, nil, service.Field{Name: "host", Value: host}, service.Field{Name: "port", Value: port}, service.Field{Name: "protocol", Value: proto}, service.Field{Name: "by", Value: "bash"})
	}
	return sh.refused(name, host, port)
}

// refused is how such a connection ends: at once on the machine itself, with an
// unknown name, or after the time that the kernel tries.
func (sh *shell) refused(name, host, port string) error {
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return sh.builtinFault("%s: invalid service name\n%s: %s: Invalid argument", port, sh.prefix(), name)
	}
	switch {
	case host == "localhost" || strings.HasPrefix(host, "127."):
		sh.errorf("connect: Connection refused")
		return sh.builtinFault("%s: Connection refused", name)
	case !isAddress(host):
		sh.errorf("%s: Temporary failure in name resolution", host)
		return sh.builtinFault("%s: Invalid argument", name)
	}
	select {
	case <-sh.ctx.Done():
		return errFault
	case <-sh.m.clock.After(connectTime):
	}
	sh.errorf("connect: Connection timed out")
	return sh.builtinFault("%s: Connection timed out", name)
}

// own finds the descriptors that have names: /dev/stdin, /dev/fd/3, /dev/tty.
func (sh *shell) own(name string) (*desc, bool) {
	n := -1
	switch name {
	case "/dev/stdin":
		n = 0
	case "/dev/stdout":
		n = 1
	case "/dev/stderr":
		n = 2
	case "/dev/tty":
		return sh.login.ttyDesc(), sh.login.tty != ""
	default:
		rest, ok := strings.CutPrefix(name, "/dev/fd/")
		if !ok {
			rest, ok = strings.CutPrefix(name, "/proc/self/fd/")
		}
		v, err := strconv.Atoi(rest)
		if !ok || err != nil {
			return nil, false
		}
		n = v
	}
	return sh.fds[n], true
}
