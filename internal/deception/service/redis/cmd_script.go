package redis

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"

	"go.cordon.dev/cordon/internal/deception/service"
)

// maxScripts bounds the cache of scripts.
const maxScripts = 256

func scriptCommands() map[string]handler {
	return map[string]handler{
		"eval": eval, "eval_ro": eval, "evalsha": evalsha, "evalsha_ro": evalsha, "script|load": scriptLoad, "script|exists": scriptExists,
		"script|flush": scriptFlush, "script|kill": scriptKill, "function|list": func(k *call) { k.r.array(0) }, "function|flush": func(k *call) { k.r.ok() },
	}
}

func digest(text string) string {
	sum := sha1.Sum([]byte(text)) // the name that the protocol gives a script
	return hex.EncodeToString(sum[:])
}

// scriptArgs separates the keys of a script from its arguments.
func (k *call) scriptArgs() (keys, args []string, ok bool) {
	n, ok := k.int(k.args[2])
	switch {
	case !ok:
		return nil, nil, false
	case n > int64(len(k.args)-3):
		k.r.fail("ERR Number of keys can't be greater than number of args")
		return nil, nil, false
	case n < 0:
		k.r.fail("ERR Number of keys can't be negative")
		return nil, nil, false
	}
	return k.args[3 : 3+n], k.args[3+n:], true
}

func (k *call) keepScript(text string) string {
	sha := digest(text)
	if _, known := k.in.scripts[sha]; known {
		return sha
	}
	if len(k.in.scripts) >= maxScripts || !k.in.room(len(text)+128) {
		clear(k.in.scripts)
	}
	k.in.scripts[sha] = text
	k.c.session.Keep(service.Artifact{Kind: "script", Path: sha + ".lua", MediaType: "text/x-lua", Data: []byte(text)})
	return sha
}

func eval(k *call) {
	keys, args, ok := k.scriptArgs()
	if !ok {
		return
	}
	sha := k.keepScript(k.args[1])
	k.play(sha, k.args[1], keys, args)
}

func evalsha(k *call) {
	keys, args, ok := k.scriptArgs()
	if !ok {
		return
	}
	text, known := k.in.scripts[lowerHex(k.args[1])]
	if !known {
		k.r.fail("NOSCRIPT No matching script. Please use EVAL.")
		return
	}
	k.play(lowerHex(k.args[1]), text, keys, args)
}

func lowerHex(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c, true)
	}
	return string(b)
}

func scriptLoad(k *call) {
	if problem := compile(k.args[2]); problem != "" {
		k.r.fail("ERR Error compiling script (new function): " + problem)
		return
	}
	if k.grow(len(k.args[2])) {
		k.r.bulk(k.keepScript(k.args[2]))
	}
}

func scriptExists(k *call) {
	k.r.array(len(k.args) - 2)
	for _, sha := range k.args[2:] {
		_, ok := k.in.scripts[lowerHex(sha)]
		k.r.yes(ok)
	}
}

func scriptFlush(k *call) {
	if len(k.args) > 3 || len(k.args) == 3 && !k.option(2, "ASYNC") && !k.option(2, "SYNC") {
		k.r.fail("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
		return
	}
	clear(k.in.scripts)
	k.r.ok()
}

func scriptKill(k *call) { k.r.fail("NOTBUSY No scripts in execution right now.") }

// play runs a script as far as it is understood: an expression behind return.
// Whatever else it is, it gives nothing, as a script without return does.
func (k *call) play(sha, text string, keys, args []string) {
	e := &evaluation{k: k, source: text, keys: keys, args: args, held: k.c.loan.size, before: len(k.r.buf)}
	defer e.settle()
	tokens, problem := tokenize(text, func() bool { return e.pays(1, perToken) })
	switch {
	case e.failed:
		return
	case problem != "":
		k.r.fail("ERR Error compiling script (new function): " + problem)
		return
	}
	if t, found := stranger(tokens); found {
		k.r.fail(fmt.Sprintf("ERR user_script:%d: Script attempted to access nonexistent global variable '%s' script: %s, on @user_script:%d.", t.line, t.text, sha, t.line))
		return
	}
	e.tokens = tokens
	e.run()
}
