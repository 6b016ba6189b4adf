package redis

import (
	"math"
	"strings"
	"time"
)

// maxString is the size of the largest string that is kept.
const maxString = maxMemoryEach

func stringCommands() map[string]handler {
	return map[string]handler{
		"get": get, "set": set, "setnx": setnx, "setex": func(k *call) { setex(k, time.Second) }, "psetex": func(k *call) { setex(k, time.Millisecond) },
		"getset": getset, "getdel": getdel, "getex": getex, "append": appendTo, "strlen": strlen, "getrange": getrange, "substr": getrange, "setrange": setrange,
		"mget": mget, "mset": mset, "msetnx": msetnx,
	}
}

func (k *call) answerText(v *value) {
	if v == nil {
		k.r.null()
		return
	}
	k.r.bulk(v.text)
}

func get(k *call) {
	if v, ok := k.look(k.args[1], kString); ok {
		k.answerText(v)
	}
}

// setting is what the options of SET and GETEX ask for.
type setting struct {
	nx, xx, get, keep, persist bool
	expires                    time.Time
	timed                      bool
}

// parse reads options; those of GETEX are fewer. It tells the client what is
// wrong with them.
func (s *setting) parse(k *call, from int, getex bool) bool {
	for i := from; i < len(k.args); i++ {
		word := strings.ToUpper(k.args[i])
		switch {
		case word == "NX" && !s.xx && !getex:
			s.nx = true
		case word == "XX" && !s.nx && !getex:
			s.xx = true
		case word == "GET" && !getex:
			s.get = true
		case word == "KEEPTTL" && !getex && !s.timed:
			s.keep = true
		case word == "PERSIST" && getex && !s.timed:
			s.persist = true
		case oneOf(word, "EX", "PX", "EXAT", "PXAT") && !s.timed && !s.keep && !s.persist && i+1 < len(k.args):
			s.timed = true
			i++
			var ok bool
			if s.expires, ok = k.when(k.args[i], word); !ok {
				return false
			}
		default:
			k.r.fail(errSyntax)
			return false
		}
	}
	return true
}

// when reads a time to live, or a time, in the unit that an option names.
func (k *call) when(s, word string) (time.Time, bool) {
	n, ok := k.int(s)
	if !ok {
		return time.Time{}, false
	}
	unit := int64(1)
	if !strings.HasPrefix(word, "P") {
		unit = 1000
	}
	base := int64(0)
	if !strings.HasSuffix(word, "AT") {
		base = k.now.UnixMilli()
	}
	if n <= 0 || n > math.MaxInt64/unit || n*unit > math.MaxInt64-base {
		k.r.fail("ERR invalid expire time in '" + k.cmd.name + "' command")
		return time.Time{}, false
	}
	return time.UnixMilli(base + n*unit), true
}

func set(k *call) {
	var s setting
	if !s.parse(k, 3, false) {
		return
	}
	old := k.peek(k.db, k.args[1])
	if s.get {
		if old != nil && old.kind != kString {
			k.r.fail(errType)
			return
		}
		k.answerText(old)
	}
	if s.nx && old != nil || s.xx && old == nil {
		if !s.get {
			k.r.null()
		}
		return
	}
	v := &value{text: k.args[2], expires: s.expires}
	if s.keep && old != nil {
		v.expires = old.expires
	}
	k.put(k.args[1], v)
	if !s.get {
		k.r.ok()
	}
}

func setnx(k *call) {
	if k.peek(k.db, k.args[1]) != nil {
		k.r.number(0)
		return
	}
	k.put(k.args[1], &value{text: k.args[2]})
	k.r.number(1)
}

func setex(k *call, unit time.Duration) {
	word := "EX"
	if unit == time.Millisecond {
		word = "PX"
	}
	at, ok := k.when(k.args[2], word)
	if !ok {
		return
	}
	k.put(k.args[1], &value{text: k.args[3], expires: at})
	k.r.ok()
}

func getset(k *call) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	k.answerText(v)
	k.put(k.args[1], &value{text: k.args[2]})
}

func getdel(k *call) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	k.answerText(v)
	if v != nil {
		k.drop(k.args[1])
	}
}

func getex(k *call) {
	var s setting
	if !s.parse(k, 2, true) {
		return
	}
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	k.answerText(v)
	if v != nil && (s.timed || s.persist) {
		v.expires = s.expires
	}
}

func appendTo(k *call) {
	v, ok := k.make(k.args[1], kString)
	if !ok {
		return
	}
	if len(v.text)+len(k.args[2]) > maxString {
		k.r.fail(errTooLong)
		return
	}
	v.raw = v.raw || v.text != ""
	v.text += k.args[2]
	k.r.number(int64(len(v.text)))
}

func strlen(k *call) {
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	if v == nil {
		v = &value{}
	}
	k.r.number(int64(len(v.text)))
}

// span turns places that may count from the end into a range of n things;
// empty when from > to.
func span(from, to int64, n int) (int, int) {
	size := int64(n)
	if from < 0 {
		from = max(from+size, 0)
	}
	if to < 0 {
		to += size
	}
	to = min(to, size-1)
	if from > to || from >= size {
		return 1, 0
	}
	return int(from), int(to)
}

func getrange(k *call) {
	from, ok := k.int(k.args[2])
	if !ok {
		return
	}
	to, ok := k.int(k.args[3])
	if !ok {
		return
	}
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	if v == nil || len(v.text) == 0 || from < 0 && to < 0 && from > to {
		k.r.bulk("")
		return
	}
	a, b := span(from, max(to, -int64(len(v.text))), len(v.text))
	if a > b {
		k.r.bulk("")
		return
	}
	k.r.bulk(v.text[a : b+1])
}

func setrange(k *call) {
	at, ok := k.int(k.args[2])
	if !ok {
		return
	}
	if at < 0 {
		k.r.fail("ERR offset is out of range")
		return
	}
	v, ok := k.look(k.args[1], kString)
	if !ok {
		return
	}
	old := ""
	if v != nil {
		old = v.text
	}
	if k.args[3] == "" {
		k.r.number(int64(len(old)))
		return
	}
	if at > maxString-int64(len(k.args[3])) {
		k.r.fail(errTooLong)
		return
	}
	if !k.grow(max(0, int(at)+len(k.args[3])-len(old))) {
		return
	}
	if v, ok = k.make(k.args[1], kString); !ok {
		return
	}
	b := append([]byte(v.text), make([]byte, max(0, int(at)+len(k.args[3])-len(v.text)))...)
	copy(b[at:], k.args[3])
	v.text, v.raw = string(b), true
	k.r.number(int64(len(b)))
}

func mget(k *call) {
	k.r.array(len(k.args) - 1)
	for _, key := range k.args[1:] {
		if v := k.find(key); v != nil && v.kind == kString {
			k.r.bulk(v.text)
		} else {
			k.r.null()
		}
	}
}

func mset(k *call) {
	if len(k.args)%2 == 0 {
		k.arity()
		return
	}
	for i := 1; i < len(k.args); i += 2 {
		k.put(k.args[i], &value{text: k.args[i+1]})
	}
	k.r.ok()
}

func msetnx(k *call) {
	if len(k.args)%2 == 0 {
		k.arity()
		return
	}
	for i := 1; i < len(k.args); i += 2 {
		if k.peek(k.db, k.args[i]) != nil {
			k.r.number(0)
			return
		}
	}
	for i := 1; i < len(k.args); i += 2 {
		k.put(k.args[i], &value{text: k.args[i+1]})
	}
	k.r.number(1)
}
