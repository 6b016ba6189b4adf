package shell

import (
	"fmt"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// interact is the life of an interactive shell.
func (sh *shell) interact() {
	for _, name := range []string{"emacs", "monitor", "histexpand", "history"} {
		sh.options.set(name, sh.login.Terminal != nil || name == "history")
	}
	sh.shopts["expand_aliases"] = true
	sh.greet()
	sh.startFiles()
	sh.loadHistory()
	sh.editor = &editor{sh: sh}
	sh.proc.catches(sh.catch)
	for sh.jump.kind != exits && sh.proc.ctx.Err() == nil {
		sh.jump = jump{}
		sh.tellJobs()
		text, ok := sh.readCommand()
		if !ok {
			if sh.proc.ctx.Err() == nil {
				fmt.Fprintln(sh.err(), map[bool]string{true: "logout", false: "exit"}[sh.loginShell])
			}
			break
		}
		sh.obey(text)
	}
	sh.saveHistory()
}

// greet says what bash says when it is to be interactive without a terminal.
func (sh *shell) greet() {
	if sh.login.Terminal == nil && !sh.dash {
		sh.errorf("cannot set terminal process group (%d): Inappropriate ioctl for device", sh.proc.groupID())
		sh.errorf("no job control in this shell")
	} else if sh.dash && sh.login.Terminal == nil {
		sh.complain("0: can't access tty; job control turned off")
	}
}

func (sh *shell) startFiles() {
	if sh.raw("PS1") == nil || !sh.dash {
		sh.inherit("PS1", map[bool]string{true: "$ ", false: `\s-\v\$ `}[sh.dash && sh.user.UID != 0], false)
		if sh.dash && sh.user.UID == 0 {
			sh.inherit("PS1", "# ", false)
		}
	}
	sh.inherit("PS2", "> ", false)
	switch {
	case sh.dash || sh.noFiles:
	case sh.loginShell:
		sh.startup()
	default:
		sh.sourceQuietly("/etc/bash.bashrc")
		sh.sourceQuietly(path.Join(sh.get("HOME"), ".bashrc"))
	}
	if sh.raw("HISTSIZE") == nil {
		sh.inherit("HISTSIZE", "500", false)
	}
	if sh.raw("HISTFILE") == nil {
		sh.inherit("HISTFILE", path.Join(sh.get("HOME"), ".bash_history"), false)
	}
	columns, rows := 80, 24
	if t := sh.login.Terminal; t != nil {
		columns, rows = t.Size()
	}
	sh.inherit("COLUMNS", itoa(columns), false)
	sh.inherit("LINES", itoa(rows), false)
}

// obey runs what was typed, and records it.
func (sh *shell) obey(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	expanded, ok := sh.expandHistory(text)
	if !ok {
		sh.login.record(text, 1)
		return
	}
	sh.remember(expanded)
	sh.line = 1
	if sh.outermost() {
		defer func() { sh.login.record(text, sh.status) }()
	}
	sh.duringLine(func() {
		sh.units(expanded, func(u unit) bool {
			if u.err != nil {
				sh.syntaxError(expanded, u.err)
				return false
			}
			sh.runUnit(u.stmts)
			return sh.jump.kind == none
		})
	})
}

// outermost reports whether the lines that this shell reads are the client's.
func (sh *shell) outermost() bool { return sh.login.Terminal != nil || sh.pid == sh.login.pid }

// readCommand reads lines until they are a whole command.
func (sh *shell) readCommand() (text string, ok bool) {
	prompt := sh.get("PS1")
	for {
		var line string
		var status readStatus
		sh.duringLine(func() { line, status = sh.editor.read(sh.prompt(prompt)) })
		switch status {
		case readInterrupted:
			text, prompt = "", sh.get("PS1")
			sh.status = 130
			continue
		case readEnd:
			if text == "" {
				return "", false
			}
			return text, true
		}
		text += line
		if sh.login.work(sh.ctx, parsing*len(text)) != nil || !sh.incomplete(text) || len(text) > sh.m.limits.Script {
			return text, true
		}
		text += "\n"
		prompt = sh.get("PS2")
	}
}

// parsing is what reading a byte of a command takes, in units of work.
const parsing = 2

func (sh *shell) incomplete(text string) bool {
	if strings.TrimSpace(text) == "" || tooDeep(text) {
		return false
	}
	if strings.HasSuffix(text, "\\") && !strings.HasSuffix(text, `\\`) {
		return true
	}
	_, err := syntax.NewParser(syntax.Variant(sh.variant())).Parse(strings.NewReader(text+"\n"), "")
	if err == nil {
		return false
	}
	return syntax.IsIncomplete(err) || strings.Contains(err.Error(), "unclosed here-document")
}

// prompt expands what a prompt may hold.
func (sh *shell) prompt(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] >= '0' && s[i] <= '7' {
			i += octalEscape(&b, s[i:], 3) - 1
			continue
		}
		b.WriteString(sh.promptPart(s[i]))
	}
	if !sh.shopts.on("promptvars") {
		return b.String()
	}
	return sh.expandDocument(b.String())
}

func (sh *shell) promptPart(c byte) string {
	now := sh.m.local(sh.m.Now())
	switch c {
	case 'u':
		return sh.user.Name
	case 'h':
		host, _, _ := strings.Cut(sh.m.persona.Hostname, ".")
		return host
	case 'H':
		return sh.m.persona.Hostname
	case 'w':
		return sh.tilded(sh.dir)
	case 'W':
		if dir := sh.tilded(sh.dir); dir == "~" || dir == "/" {
			return dir
		}
		return path.Base(sh.dir)
	case '$':
		if sh.user.UID == 0 {
			return "#"
		}
		return `\$`
	case 's':
		return path.Base(sh.name)
	case 'v':
		return "5.2"
	case 'V':
		return "5.2.15"
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 'e':
		return "\x1b"
	case 'a':
		return "\a"
	case 't':
		return now.Format("15:04:05")
	case 'T':
		return now.Format("03:04:05")
	case 'A':
		return now.Format("15:04")
	case '@':
		return now.Format("03:04 PM")
	case 'd':
		return now.Format("Mon Jan 02")
	case 'j':
		return itoa(len(sh.jobs))
	case 'l':
		return path.Base(sh.login.tty)
	case '!', '#':
		return itoa(len(sh.history) + 1)
	case '[', ']':
		return ""
	case '\\':
		return `\\`
	}
	return "\\" + string(c)
}

// expandDocument expands a text as if it stood in double quotes.
func (sh *shell) expandDocument(s string) string {
	if !strings.ContainsAny(s, "$`\\") || tooDeep(s) {
		return s
	}
	w, err := syntax.NewParser(syntax.Variant(sh.variant())).Document(strings.NewReader(s))
	if err != nil {
		return s
	}
	status := sh.status
	out, err := sh.join(w, mode{quoted: true})
	sh.status = status
	if err != nil {
		return s
	}
	return out
}
