package ftp

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// quoted is a path in quotes; those that it has are doubled.
func quoted(p string) string { return `"` + strings.ReplaceAll(p, `"`, `""`) + `"` }

func (c *client) pwd(string) { c.reply(257, quoted(c.files.dir)+" is the current directory") }

func (c *client) cwd(arg string) {
	if c.files.chdir(c.tilde(arg)) != nil {
		c.reply(550, "Failed to change directory.")
		return
	}
	c.message(250)
	c.reply(250, "Directory successfully changed.")
}

// What is shown of a folder's message, and of how many folders.
const (
	maxMessage = 4000
	maxVisited = 100
)

// message shows the file .message of a folder that the client enters for the
// first time.
func (c *client) message(code int) {
	if c.visited[c.files.dir] {
		return
	}
	if len(c.visited) < maxVisited {
		c.visited[c.files.dir] = true
	}
	for line := range strings.Lines(c.beginning(".message")) {
		c.hyphen(code, strings.TrimSuffix(line, "\n"))
	}
}

// beginning reads what a small file begins with; "" when there is none.
func (c *client) beginning(name string) string {
	info, err := c.files.stat(name)
	if err != nil || !info.Mode.IsRegular() {
		return ""
	}
	var text []byte
	_ = c.files.on(name, func(p string) error {
		f, err := c.files.view.Open(p, vfs.O_RDONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err = io.ReadAll(io.LimitReader(f, maxMessage))
		return err
	})
	return string(text)
}

// answer says one thing when a change was made, and another when not.
func (c *client) answer(err error, code int, done, failed string) {
	if err != nil {
		c.reply(550, failed)
		return
	}
	c.reply(code, done)
}

func (c *client) makeFolder(arg string) {
	name := c.tilde(arg)
	err := c.files.itself(name, func(p string) error { return c.files.view.Mkdir(p, 0o777) })
	if !strings.HasPrefix(name, "/") {
		name = strings.TrimSuffix(c.files.dir, "/") + "/" + name
	}
	c.answer(err, 257, quoted(name)+" created", "Create directory operation failed.")
}

func (c *client) removeFolder(arg string) {
	err := c.files.itself(c.tilde(arg), c.files.view.Rmdir)
	c.answer(err, 250, "Remove directory operation successful.", "Remove directory operation failed.")
}

func (c *client) remove(arg string) {
	err := c.files.itself(c.tilde(arg), c.files.view.Remove)
	c.answer(err, 250, "Delete operation successful.", "Delete operation failed.")
}

func (c *client) renameFrom(arg string) {
	c.renaming = ""
	name := c.tilde(arg)
	if _, err := c.files.stat(name); err != nil {
		c.reply(550, "RNFR command failed.")
		return
	}
	c.renaming = name
	c.reply(350, "Ready for RNTO.")
}

func (c *client) renameTo(arg string) {
	if c.renaming == "" {
		c.reply(503, "RNFR required first.")
		return
	}
	err := c.files.itself(c.renaming, func(from string) error {
		return c.files.itself(c.tilde(arg), func(to string) error { return c.files.view.Rename(from, to) })
	})
	c.renaming = ""
	c.answer(err, 250, "Rename successful.", "Rename failed.")
}

func (c *client) size(arg string) {
	info, err := c.files.stat(c.tilde(arg))
	if err != nil || !info.Mode.IsRegular() {
		c.reply(550, "Could not get file size.")
		return
	}
	c.reply(213, strconv.FormatInt(info.Size, 10))
}

// modified tells when a file was changed or, when the argument begins with a
// time, sets that.
func (c *client) modified(arg string) {
	info, err := c.files.stat(arg) // vsftpd resolves a tilde too late here
	if when, name, ok := timed(arg, c.zone); ok && err != nil {
		c.setModified(c.tilde(name), when)
		return
	}
	if err != nil || !info.Mode.IsRegular() {
		c.reply(550, "Could not get file modification time.")
		return
	}
	c.reply(213, info.Mtime.In(c.zone).Format("20060102150405"))
}

func (c *client) setModified(name string, when time.Time) {
	if !mayWrite(c) {
		c.reply(550, "Could not get file modification time.")
		return
	}
	info, err := c.files.stat(name)
	if err == nil && info.Mode.IsRegular() {
		err = c.files.on(name, func(p string) error { return c.files.view.Chtimes(p, when, when) })
	} else {
		err = vfs.ENOENT
	}
	c.answer(err, 213, "File modification time set.", "Could not set file modification time.")
}

// timed reads YYYYMMDD, YYYYMMDDhhmmss or that with a fraction before a name.
// Numbers that are no such time carry over, as mktime(3) has it.
func timed(arg string, zone *time.Location) (when time.Time, name string, ok bool) {
	stamp, name, found := strings.Cut(arg, " ")
	n := len(stamp)
	if !found || n < 8 || stamp[0] < '0' || stamp[0] > '9' || n != 8 && n != 14 && (n <= 15 || stamp[14] != '.') {
		return when, "", false
	}
	part := func(from, to int) int {
		if to > n {
			return 0
		}
		return leadingNumber(stamp[from:to])
	}
	when = time.Date(part(0, 4), time.Month(part(4, 6)), part(6, 8), part(8, 10), part(10, 12), part(12, 14), 0, zone)
	return when, name, true
}

// leadingNumber is atoi(3): the digits that a text begins with, after space and
// a sign; no number is larger than an int of C.
func leadingNumber(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	minus := strings.HasPrefix(s, "-")
	if minus || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	n := 0
	for i := 0; i < len(s) && '0' <= s[i] && s[i] <= '9' && n < 1<<31; i++ {
		n = n*10 + int(s[i]-'0')
	}
	if n = min(n, 1<<31-1); minus {
		return -n
	}
	return n
}

// inFolder is the name of a file in a folder that was named.
func inFolder(dir, name string) string {
	if dir == "." {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}

// uniqueName is one that no file has: with a number behind it when it must.
func (c *client) uniqueName(name string) string {
	if name != "" {
		if _, err := c.files.stat(name); err != nil {
			return name
		}
	} else {
		name = "STOU"
	}
	for n := 1; ; n++ {
		numbered := fmt.Sprintf("%s.%d", name, n)
		if _, err := c.files.stat(numbered); err != nil {
			return numbered
		}
	}
}
