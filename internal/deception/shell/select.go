package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// selectLoop is select: a menu, a prompt, a choice, again and again.
func (sh *shell) selectLoop(name string, words []string, do []*syntax.Stmt) {
	sh.status = 0
	if len(words) == 0 {
		return
	}
	menu := true
	for sh.step() {
		if menu {
			sh.menu(words)
		}
		ps3, set := sh.value("PS3")
		if !set {
			ps3 = "#? "
		}
		fmt.Fprint(sh.err(), ps3)
		r := &reading{sh: sh, until: "\n", most: -1, d: sh.fds[0]}
		if r.d == nil {
			return
		}
		text, _, status := r.read()
		if status != 0 {
			fmt.Fprintln(sh.out())
			sh.status = 1
			return
		}
		if menu = text == ""; menu {
			continue
		}
		_ = sh.setVar("REPLY", text)
		choice := ""
		if n := atoi(strings.TrimSpace(text)); n >= 1 && n <= len(words) {
			choice = words[n-1]
		}
		if sh.setVar(name, choice) != nil {
			return
		}
		sh.stmts(do)
		if sh.leaves() {
			return
		}
	}
}

// menu prints the choices in columns that fit 80 characters.
func (sh *shell) menu(words []string) {
	widest := 0
	for _, w := range words {
		widest = max(widest, len(w))
	}
	numbers := len(itoa(len(words)))
	width := widest + numbers + 4
	columns := max(80/width, 1)
	rows := (len(words) + columns - 1) / columns
	if rows == 1 {
		rows, columns = len(words), 1
	}
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(words); i += rows {
			item := fmt.Sprintf("%*d) %s", numbers, i+1, words[i])
			if i+rows < len(words) {
				item = fmt.Sprintf("%-*s", width-1, item)
			}
			b.WriteString(item)
		}
		b.WriteByte('\n')
	}
	fmt.Fprint(sh.err(), b.String())
}
