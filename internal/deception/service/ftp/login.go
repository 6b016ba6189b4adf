package ftp

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// maxName and maxPassword are bytes that vsftpd takes.
const (
	maxName     = 128
	maxPassword = 128
)

// failPause is what vsftpd adds to each failed login itself
// (delay_failed_login).
const failPause = time.Second

// beforeLogin answers a client that is not logged in.
func (c *client) beforeLogin(l line) {
	if l.verb == "PASS" {
		c.pass(l.arg)
		return
	}
	if l.verb == "" && l.arg == "" {
		return
	}
	c.did(l)
	switch l.verb {
	case "USER":
		c.nameUser(l.arg)
	case "QUIT":
		c.leave(221, "Goodbye.")
	case "FEAT":
		c.features()
	case "OPTS":
		c.options(l.arg)
	default:
		c.reply(530, "Please login with USER and PASS.")
	}
}

// isAnonymous reports whether a name stands for nobody.
func isAnonymous(name string) bool {
	name = upper(name)
	return name == "FTP" || name == "ANONYMOUS"
}

func (c *client) nameUser(name string) {
	c.user = name
	if !c.config.Local && !isAnonymous(name) {
		c.user = ""
		c.reply(530, "This FTP server is anonymous only.")
		return
	}
	c.reply(331, "Please specify the password.")
}

// pass takes a password.
func (c *client) pass(password string) {
	if c.user == "" {
		c.session.Attempt(service.Credential{Kind: service.Plaintext, Secret: []byte(password)})
		c.reply(503, "Login with USER first.")
		return
	}
	anonymous := c.config.Anonymous && isAnonymous(c.user)
	view, err := c.judge(password, anonymous)
	if err != nil {
		return // the decky ends
	}
	if view == nil {
		c.refuse()
		return
	}
	c.enterHome(anonymous)
}

// refuse tells a client that it is not let in, and ends with it at its last try.
func (c *client) refuse() {
	if c.pause(failPause) != nil {
		return
	}
	c.reply(530, "Login incorrect.")
	c.user = ""
	if c.fails++; c.fails >= c.config.MaxFails {
		c.over = true
	}
}

// judge says whether a client is let in, and takes as long as PAM does. The view
// is that of who is let in, from his home.
func (c *client) judge(password string, anonymous bool) (view *vfs.View, err error) {
	var delay time.Duration
	switch {
	case !plausible(c.user) || len(password) > maxPassword:
	case anonymous:
		view = c.anonymousView()
	default:
		delay = jitter(c.hashTime)
		if view = c.localView(); view == nil || !c.policy.Judge(c.session.Client().Addr(), c.user, password) {
			view, delay = nil, delay+jitter(c.config.FailDelay)
		}
	}
	method := "password"
	if anonymous {
		method = "anonymous"
	}
	c.session.Attempt(service.Credential{
		Kind: service.Plaintext, Principal: c.user, Secret: []byte(password), Accepted: view != nil,
		Details: []service.Field{{Name: "method", Value: method}},
	})
	return view, c.pause(delay)
}

// plausible reports whether vsftpd asks PAM about a name at all.
func plausible(name string) bool {
	if name == "" || len(name) > maxName || !strings.ContainsRune("_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", rune(name[0])) {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// denied are the users that Debian's /etc/ftpusers turns away.
func denied(user string) bool {
	return strings.Contains(" root daemon bin sys sync games man lp mail news uucp nobody ", " "+user+" ")
}

// localView is the files of the user, nil when he cannot log in by FTP: there is
// none such, or the machine denies it.
func (c *client) localView() *vfs.View {
	if c.machines == nil || denied(c.user) && !c.named(c.user) {
		return nil
	}
	view, err := c.machines.Machine(c.session.Client().Addr()).View(c.user)
	if err != nil {
		return nil
	}
	return view
}

// named reports whether the operator wants a user to log in.
func (c *client) named(user string) bool {
	for _, u := range c.config.Accept.Users {
		if u == user {
			return true
		}
	}
	return false
}

// The user that Debian's package makes for those who have no name, with the next
// free numbers of a machine's system users.
const anonUID, anonGID = 108, 116

// anonymousView is the files of somebody without a name; their folder is there
// when he comes.
func (c *client) anonymousView() *vfs.View {
	if c.machines == nil {
		return nil
	}
	root, err := c.machines.Machine(c.session.Client().Addr()).View("root")
	if err != nil {
		return nil
	}
	if _, err := root.Stat(c.config.AnonRoot); err != nil {
		if root.MkdirAll(c.config.AnonRoot, 0o755) != nil || c.config.AnonWrite && root.Chown(c.config.AnonRoot, anonUID, anonGID) != nil {
			return nil
		}
	}
	return root.FS().As(vfs.Cred{UID: anonUID, GID: anonGID}).In(c.config.AnonRoot)
}

// enterHome is the moment of being let in. The machine stays where it is from
// here on; it may have been put away since the password was judged.
func (c *client) enterHome(anonymous bool) {
	c.out = c.machines.Machine(c.session.Client().Addr()).Enter()
	view := c.localView()
	if anonymous {
		view = c.anonymousView()
	}
	if view == nil {
		c.refuse()
		return
	}
	f := &files{view: view.Within(c.ctx).Masked(c.mask)}
	home := view.Dir()
	if anonymous || c.config.Chroot {
		f.root, home = home, "/"
	}
	if err := f.chdir(home); err != nil {
		c.leave(500, "OOPS: cannot change directory:"+view.Dir())
		return
	}
	c.files, c.home, c.anonymous = f, f.dir, anonymous
	if anonymous {
		c.user = "ftp"
	}
	c.session.Record(service.LoggedIn, nil, service.Field{Name: "user", Value: c.user})
	c.message(230)
	c.reply(230, "Login successful.")
}

// jitter spreads a delay by up to half, mostly near the middle, as PAM does.
func jitter(d time.Duration) time.Duration {
	spread := (rand.Float64()+rand.Float64()+rand.Float64())/3 - 0.5
	return d + time.Duration(float64(d)*spread)
}

// pause waits; an error says that the decky has ended.
func (c *client) pause(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-c.clock.After(d):
		return nil
	case <-c.ctx.Done():
		c.over = true
		return context.Cause(c.ctx)
	}
}
