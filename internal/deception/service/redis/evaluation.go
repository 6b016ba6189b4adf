package redis

import (
	"strconv"
	"strings"
)

// evaluation answers `return EXPRESSION`, with calls of redis.call and
// redis.pcall in front of it, one a statement.
type evaluation struct {
	k          *call
	tokens     []token
	at         int
	keys, args []string
	source     string
	calls      int
	failed     bool
	held       int64 // by the request, before the script
	before     int   // bytes of the answer, before the script's
}

// maxCalls bounds what one script does.
const maxCalls = 1000

// result is a value of a script, written as a reply.
type result struct {
	text   string
	number bool
	null   bool
	list   []result
	isList bool
	reply  []byte // of a command
}

// What a script's words and values take beside their text, in bytes.
const (
	perToken = 48
	perWord  = 96
)

// pays counts steps and bytes that a script is about to take: who writes one names
// a long argument, or a reply, as often as he likes. Beyond what a request may take
// the script ends.
func (e *evaluation) pays(steps, bytes int) bool {
	if !e.failed && (!e.k.spend(steps) || !e.k.c.loan.need(int64(bytes))) {
		e.failed = true
		e.settle()
		e.k.r.fail(errMemory)
	}
	return !e.failed
}

// settle says that nothing of the script is held any more but what it answered.
func (e *evaluation) settle() {
	e.k.c.loan.shrink(e.held + int64(len(e.k.r.buf)-e.before))
}

func (e *evaluation) peek() token {
	if e.at < len(e.tokens) {
		return e.tokens[e.at]
	}
	return token{}
}

func (e *evaluation) accept(text string) bool {
	if t := e.peek(); t.kind != 's' && t.text == text {
		e.at++
		return true
	}
	return false
}

func (e *evaluation) run() {
	for e.at < len(e.tokens) {
		switch {
		case e.accept(";"):
		case e.accept("return"):
			r, ok := e.expression(0)
			if !ok {
				r = result{null: true}
			}
			if !e.failed {
				e.write(r)
			}
			return
		default:
			if _, ok := e.expression(0); !ok || e.failed {
				e.at = len(e.tokens)
			}
		}
	}
	if !e.failed {
		e.k.r.null()
	}
}

func (e *evaluation) write(r result) {
	switch {
	case r.reply != nil:
		e.k.r.raw(string(r.reply))
	case r.null:
		e.k.r.null()
	case r.isList:
		e.k.r.array(len(r.list))
		for _, one := range r.list {
			e.write(one)
		}
	case r.number:
		f, _ := strconv.ParseFloat(r.text, 64)
		e.k.r.number(int64(f))
	default:
		e.k.r.bulk(r.text)
	}
}

// expression reads values joined by signs. Deep ones are not understood.
func (e *evaluation) expression(depth int) (result, bool) {
	if depth > 16 {
		return result{}, false
	}
	left, ok := e.operand(depth)
	for ok {
		op := e.peek()
		if !oneOf(op.text, "+", "-", "*", "/", "..") || op.kind == 's' {
			return left, true
		}
		e.at++
		var right result
		if right, ok = e.operand(depth); ok {
			left, ok = e.join(left, op.text, right)
		}
	}
	return left, false
}

func (e *evaluation) join(a result, op string, b result) (result, bool) {
	if n := len(a.text) + len(b.text); op == ".." {
		if n >= maxReply/64 || !e.pays(1+n/64, n) {
			return result{}, false
		}
		return result{text: a.text + b.text}, true
	}
	x, err1 := strconv.ParseFloat(a.text, 64)
	y, err2 := strconv.ParseFloat(b.text, 64)
	if err1 != nil || err2 != nil {
		return result{}, false
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	default:
		x /= y
	}
	return result{text: cFormat(x, 14), number: true}, true
}

func (e *evaluation) operand(depth int) (result, bool) {
	t := e.peek()
	e.at++
	switch {
	case t.kind == 's':
		return result{text: t.text}, true
	case t.kind == '0':
		return result{text: t.text, number: true}, true
	case t.text == "true":
		return result{text: "1", number: true}, true
	case t.text == "nil" || t.text == "false":
		return result{null: true}, true
	case t.text == "{":
		return e.table(depth)
	case t.text == "KEYS", t.text == "ARGV":
		return e.input(t.text, depth)
	case t.text == "redis":
		return e.library(depth)
	case t.text == "(":
		r, ok := e.expression(depth + 1)
		return r, ok && e.accept(")")
	}
	return result{}, false
}

func (e *evaluation) list(end string, depth int) (out []result, ok bool) {
	for !e.accept(end) {
		r, ok := e.expression(depth + 1)
		if !ok || !e.pays(1, perWord) {
			return nil, false
		}
		out = append(out, r)
		if !e.accept(",") && e.peek().text != end {
			return nil, false
		}
	}
	return out, true
}

func (e *evaluation) table(depth int) (result, bool) {
	list, ok := e.list("}", depth)
	return result{list: list, isList: true}, ok
}

func (e *evaluation) input(name string, depth int) (result, bool) {
	from := e.keys
	if name == "ARGV" {
		from = e.args
	}
	if !e.accept("[") {
		out := result{isList: true}
		if !e.pays(len(from), perWord*len(from)) {
			return out, false
		}
		for _, s := range from {
			out.list = append(out.list, result{text: s})
		}
		return out, true
	}
	r, ok := e.expression(depth + 1)
	n, err := strconv.Atoi(r.text)
	if !ok || err != nil || !e.accept("]") {
		return result{}, false
	}
	if n < 1 || n > len(from) {
		return result{null: true}, true
	}
	return result{text: from[n-1]}, true
}

// library answers redis.call and its neighbours.
func (e *evaluation) library(depth int) (result, bool) {
	if !e.accept(".") {
		return result{}, false
	}
	name := e.peek().text
	e.at++
	if !e.accept("(") {
		return result{}, false
	}
	args, ok := e.list(")", depth)
	if !ok {
		return result{}, false
	}
	switch name {
	case "call", "pcall":
		return e.command(name, args)
	case "sha1hex":
		if len(args) == 1 && e.pays(1+len(args[0].text)/8, 0) {
			return result{text: digest(args[0].text)}, true
		}
	case "log", "setresp", "replicate_commands", "breakpoint", "debug":
		return result{null: true}, true
	case "status_reply", "error_reply":
		if len(args) == 1 {
			sign := map[bool]string{true: "+", false: "-"}[name == "status_reply"]
			return result{reply: []byte(sign + strings.NewReplacer("\r", " ", "\n", " ").Replace(args[0].text) + "\r\n")}, true
		}
	}
	return result{}, false
}

// command runs a command of a script.
func (e *evaluation) command(how string, list []result) (result, bool) {
	var args []string
	for _, r := range list {
		args = append(args, r.text)
	}
	if e.calls++; e.calls > maxCalls || len(args) == 0 {
		return result{}, false
	}
	cmd, problem := e.k.in.srv.table.find(args)
	switch {
	case cmd == nil:
		problem = "ERR Unknown Redis command called from script"
	case !cmd.fits(len(args)):
		problem = "ERR Wrong number of args calling Redis command from script"
	case cmd.is("noscript"):
		problem = "ERR This Redis command is not allowed from script"
	case cmd.is("denyoom") && !e.k.in.room(weight(args)):
		problem = errMemory
	case cmd.is("write") && e.k.in.primary.host != "":
		problem = errReadOnly
	case cmd.is("write") && strings.HasSuffix(e.k.cmd.name, "_ro"):
		problem = "ERR Write commands are not allowed from read-only scripts."
	}
	r := &reply{proto: 2, loan: &e.k.c.loan}
	if problem == "" {
		sub := &call{c: e.k.c, in: e.k.in, cmd: cmd, db: e.k.db, args: args, r: r, now: e.k.now}
		sub.run()
	} else {
		r.fail(problem)
	}
	if r.over || !e.pays(1+len(r.buf)/64, len(r.buf)) { // once more: a value is made of it
		return result{}, e.pays(maxEffort, 0)
	}
	if how == "call" && r.errors > 0 {
		e.failed = true
		line := e.tokens[0].line
		text := strings.TrimSuffix(string(r.buf[1:]), "\r\n")
		e.k.r.fail(text + " script: " + digest(e.source) + ", on @user_script:" + strconv.Itoa(line) + ".")
	}
	return asResult(r.buf), true
}

// asResult makes a number or text of a reply where it is one, so that it can
// be reckoned with.
func asResult(b []byte) result {
	if len(b) > 3 && b[0] == ':' {
		return result{text: string(b[1 : len(b)-2]), number: true}
	}
	if _, rest, ok := strings.Cut(string(b), "\r\n"); ok && len(b) > 1 && b[0] == '$' {
		if b[1] == '-' {
			return result{null: true}
		}
		return result{text: strings.TrimSuffix(rest, "\r\n")}
	}
	return result{reply: b}
}
