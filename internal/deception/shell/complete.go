package shell

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// mostListed is how many possibilities are shown without a question.
const mostListed = 100

// tab completes the word before the cursor; the second Tab in a row lists what
// it could be.
func (e *editor) tab() {
	e.tabs++
	line := string(e.text[:e.at])
	begin := strings.LastIndexAny(line, " \t;|&(<>=`") + 1
	word := line[begin:]
	list, shown := e.possible(word, strings.TrimRight(line[:begin], " \t"))
	switch {
	case len(list) == 0:
		e.bell()
	case len(list) == 1:
		end := " "
		if strings.HasSuffix(list[0], "/") {
			end = ""
		}
		e.insert(strings.TrimPrefix(list[0], word) + end)
	default:
		common := list[0]
		for _, s := range list {
			for !strings.HasPrefix(s, common) {
				common = common[:len(common)-1]
			}
		}
		if len(common) > len(word) {
			e.insert(common[len(word):])
			e.tabs = 0
			return
		}
		if e.bell(); e.tabs > 1 {
			e.list(shown)
		}
	}
}

// possible are the completions of a word, whole, and as they are listed.
func (e *editor) possible(word, before string) (list, shown []string) {
	command := before == "" || strings.ContainsAny(before[len(before)-1:], ";|&(`")
	switch {
	case strings.HasPrefix(word, "$"):
		for _, n := range e.sh.names() {
			if strings.HasPrefix(n, word[1:]) {
				list = append(list, "$"+n)
			}
		}
		return list, list
	case command && !strings.Contains(word, "/"):
		all := append(e.sh.programs(), strings.Fields(builtinNames)...)
		for name := range e.sh.funcs {
			all = append(all, name)
		}
		slices.Sort(all)
		for _, n := range slices.Compact(all) {
			if strings.HasPrefix(n, word) {
				list = append(list, n)
			}
		}
		return list, list
	}
	return e.files(word)
}

func (e *editor) files(word string) (list, shown []string) {
	dir, prefix := path.Split(word)
	look := dir
	if strings.HasPrefix(dir, "~/") {
		look = e.sh.get("HOME") + dir[1:]
	}
	infos, err := e.sh.view().ReadDir(dirName(look))
	if err != nil {
		return nil, nil
	}
	for _, i := range infos {
		if !strings.HasPrefix(i.Name, prefix) || prefix == "" && strings.HasPrefix(i.Name, ".") {
			continue
		}
		name := i.Name
		if at, err := e.sh.view().Stat(look + i.Name); err == nil && at.IsDir() {
			name += "/"
		}
		list, shown = append(list, dir+name), append(shown, name)
	}
	return list, shown
}

// list shows possibilities in columns, and the line again.
func (e *editor) list(names []string) {
	e.show("\n")
	if len(names) > mostListed {
		e.show(fmt.Sprintf("Display all %d possibilities? (y or n)", len(names)))
		if c, _ := e.key(); c != 'y' && c != 'Y' && c != ' ' {
			e.show("\n")
			e.show(e.prompt + string(e.text))
			return
		}
		e.show("\n")
	}
	width := 0
	for _, n := range names {
		width = max(width, len(n)+2)
	}
	screen, _ := e.sh.login.Terminal.Size()
	columns := max(max(screen, 20)/width, 1)
	rows := (len(names) + columns - 1) / columns
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(names); i += rows {
			if i+rows < len(names) {
				fmt.Fprintf(&b, "%-*s", width, names[i])
			} else {
				b.WriteString(names[i])
			}
		}
		b.WriteByte('\n')
	}
	e.show(b.String() + e.prompt + string(e.text) + strings.Repeat("\b", len(e.text)-e.at))
}
