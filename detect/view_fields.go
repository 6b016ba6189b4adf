package detect

import "bytes"

// A value whose name stands in another field: "name": "DB_PASSWORD", "value":
// "..." of Kubernetes, Terraform and most consoles, in JSON, YAML, HCL and XML;
// the value of an object with a name; a variable's default; a part of a form; a
// block of YAML. The view shows each as an assignment, NAME=value.

const (
	fieldReach = 512 // bytes between a name and its value
	leastField = 6   // shortest value
	mostField  = 4 << 10
	mostName   = 128
)

// value looks at the v at i: is it that of a value's field, or of a variable?
func (w *sweep) value(i int) {
	if i < w.done[fieldMark] || i >= w.hi+contextSize {
		return
	}
	rest := w.text[i+1:]
	switch {
	case bytes.HasPrefix(rest, []byte("alue")):
		w.valueField(i, i+len("value"))
	case bytes.HasPrefix(rest, []byte("ariable \"")):
		w.variable(i + len("variable "))
	}
}

// valueField looks at a field whose name ends with text[i:end].
func (w *sweep) valueField(i, end int) {
	value, ok := fieldValue(w.text, end)
	if !ok {
		return
	}
	start := i - digitsBefore(w.text[:i], mostName)
	name := nameBeside(w.text, start, value.to)
	if name.size() > 0 {
		w.assign(name, value)
		w.done[fieldMark] = value.to
	}
}

// fieldValue is the value behind a name that ends at i: in quotation marks, up to
// the next tag, or on the rest of a line.
func fieldValue(text []byte, i int) (piece, bool) {
	bare := true
	if i < len(text) && quote(text[i]) {
		i++
		bare = false
	}
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	if i >= len(text) || !oneOf(text[i], ":=>") {
		return piece{}, false
	}
	tag := text[i] == '>'
	at := skipBlanks(text, i+1)
	var v piece
	switch {
	case tag:
		v = upTo(text, i+1, "<")
	case at < len(text) && quote(text[at]):
		v = stringAt(text, at)
	case bare:
		v = upTo(text, at, "\r\n")
	}
	return v, v.size() >= leastField
}

// upTo is the rest of text from i to one of the characters in set, of one word.
func upTo(text []byte, i int, set string) piece {
	end := bytes.IndexAny(text[i:min(len(text), i+mostField)], set)
	if end < 0 {
		end = min(len(text)-i, mostField)
	}
	word := bytes.Trim(text[i:i+end], " \t\r\n")
	if bytes.ContainsAny(word, "{}") {
		return piece{}
	}
	from := i + bytes.Index(text[i:i+end], word)
	return piece{from, from + len(word)}
}

// stringAt is the string of which text[q] is the opening quotation mark; one that
// is escaped does not end it.
func stringAt(text []byte, q int) piece {
	limit := min(len(text), q+mostField)
	for i := q + 1; i < limit; i++ {
		switch text[i] {
		case '\\':
			i++
		case text[q]:
			return piece{q + 1, i}
		}
	}
	return piece{}
}

// nameBeside is the name that the value's field at i, which ends at end, is
// about: that of a field before it, of one behind it, or of the object it is in.
func nameBeside(text []byte, i, end int) piece {
	low := max(0, i-fieldReach)
	at := i
	for at > low {
		at--
		switch text[at] {
		case '{', '}':
			if text[at] == '}' {
				return piece{}
			}
			if name := nameBehind(text, end); name.size() > 0 {
				return name
			}
			owner := ownerOf(text, at)
			if !bytes.EqualFold(text[owner.from:owner.to], []byte("value")) {
				return owner
			}
			at = owner.from
		case 'm', 'M', 'y', 'Y', 'd', 'D':
			if name := nameField(text, at, i); name.size() > 0 {
				return name
			}
		case '-':
			if item(text, at) {
				return nameBehind(text, end)
			}
		}
	}
	return piece{}
}

// item says whether the dash at i begins an item of a list in YAML.
func item(text []byte, i int) bool {
	for k := i - 1; k >= 0; k-- {
		if text[k] == '\n' {
			return byteAt(text, i+1) == ' '
		}
		if text[k] != ' ' {
			return false
		}
	}
	return byteAt(text, i+1) == ' '
}

// nameBehind looks for a name's field behind the end of the value's, in the same
// object or item.
func nameBehind(text []byte, end int) piece {
	limit := min(len(text), end+fieldReach)
	for at := end; at < limit; at++ {
		switch text[at] {
		case '{', '}':
			return piece{}
		case '-':
			if at > end && item(text, at) {
				return piece{}
			}
		case 'm', 'M', 'y', 'Y':
			if name := nameField(text, at, limit); name.size() > 0 {
				return name
			}
		}
	}
	return piece{}
}

// nameField is what the field whose own name ends with the letter at i says, if
// that is a name or a key: nothing if it is empty or reaches beyond limit.
func nameField(text []byte, i, limit int) piece {
	end := i + 1
	if lower(text[i]) == 'm' {
		end++
	}
	if end > len(text) || !endsName(text[:end]) || end < len(text) && base64Value(text[end]) >= 0 {
		return piece{}
	}
	name, ok := nameValue(text, end)
	if !ok || name.to > limit {
		return piece{}
	}
	return name
}

func endsName(text []byte) bool {
	for _, word := range []string{"name", "key", "field", "id"} {
		if n := len(text) - len(word); n >= 0 && bytes.EqualFold(text[n:], []byte(word)) {
			return true
		}
	}
	return false
}

// nameValue is fieldValue for names, which have no least length and hold no blank.
func nameValue(text []byte, i int) (piece, bool) {
	if i < len(text) && quote(text[i]) {
		i++
	}
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	if i >= len(text) || !oneOf(text[i], ":=>") {
		return piece{}, false
	}
	from := skipBlanks(text, i+1)
	if from < len(text) && quote(text[from]) {
		from++
	}
	to := from
	for to < len(text) && to-from < mostName && namePart(text[to]) {
		to++
	}
	return piece{from, to}, to > from+1
}

func namePart(c byte) bool {
	return base64Value(c) >= 0 && c != '+' || c == '.' || c == ':' || c == '$'
}

// ownerOf is the name of the object that the brace at i opens: "name": {, name {,
// name = {.
func ownerOf(text []byte, i int) piece {
	low := max(0, i-maxIndent)
	for i > low && oneOf(text[i-1], " \t\r\n:=\"'") {
		i--
	}
	return nameUpTo(text, i)
}

// variable looks at the declaration whose quoted name begins at q: Terraform
// gives it a value by its default.
func (w *sweep) variable(q int) {
	name := quotedAt(w.text, q, mostName)
	if name.size() == 0 {
		return
	}
	body := w.text[name.to:min(len(w.text), name.to+fieldReach)]
	if end := bytes.IndexByte(body, '}'); end >= 0 {
		body = body[:end]
	}
	at := bytes.Index(body, []byte("default"))
	if at < 0 {
		return
	}
	if value, ok := fieldValue(w.text, name.to+at+len("default")); ok {
		w.assign(name, value)
	}
}

// assign appends an assignment to the view.
func (w *sweep) assign(name, value piece) {
	if w.fields == nil {
		w.fields = w.newView()
	}
	c := &w.fields.view
	from, to := min(name.from, value.from), max(name.to, value.to)
	open, end := "=", "\n"
	if bytes.ContainsAny(w.text[value.from:value.to], " \t\r\n") {
		open, end = "=\"", "\"\n"
	}
	c.keep(w.text, name.from, name.to)
	c.say(open, from, to)
	c.keep(w.text, value.from, value.to)
	c.say(end, from, to)
	if len(c.text) > stretchSize {
		w.flushFields()
	}
}

// flushFields scans the assignments collected.
func (w *sweep) flushFields() {
	if l := w.fields; l != nil {
		w.fields = nil
		w.show(l, "fields")
	}
}
