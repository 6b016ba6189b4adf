package ftp

import (
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// command is one that a client may use who is logged in.
type command struct {
	run func(c *client, arg string)
	may func(c *client) bool // nil: always
}

// Who may change files; an anonymous client may unless the operator says so.
func mayWrite(c *client) bool { return c.config.Write && (!c.anonymous || c.config.AnonWrite) }

func says(code int, text string) func(*client, string) {
	return func(c *client, _ string) { c.reply(code, text) }
}

// commands are all that vsftpd knows. Those that it knows by two names are there
// twice.
func commands() map[string]command {
	all := map[string]command{
		"ABOR": {run: says(225, "No transfer to ABOR.")}, "NOOP": {run: says(200, "NOOP ok.")}, "SYST": {run: says(215, "UNIX Type: L8")},
		"ALLO": {run: says(202, "ALLO command ignored.")}, "REIN": {run: says(502, "REIN not implemented.")},
		"ACCT": {run: says(502, "ACCT not implemented.")}, "SMNT": {run: says(502, "SMNT not implemented.")},
		"PASS": {run: says(230, "Already logged in.")}, "USER": {run: (*client).again},
		"QUIT": {run: func(c *client, _ string) { c.leave(221, "Goodbye.") }},
		"FEAT": {run: func(c *client, _ string) { c.features() }}, "OPTS": {run: (*client).options},
		"HELP": {run: func(c *client, _ string) { c.help() }}, "STAT": {run: (*client).stat},
		"TYPE": {run: (*client).setType}, "STRU": {run: structure}, "MODE": {run: mode}, "REST": {run: (*client).rest},
		"PWD": {run: (*client).pwd}, "CWD": {run: (*client).cwd}, "CDUP": {run: func(c *client, _ string) { c.cwd("..") }},
		"PASV": {run: func(c *client, _ string) { c.pasv() }, may: notExtended}, "EPSV": {run: (*client).epsv},
		"PORT": {run: (*client).callAt, may: notExtended}, "EPRT": {run: (*client).callAtExtended},
		"RETR": {run: (*client).retrieve}, "LIST": {run: (*client).list}, "NLST": {run: (*client).nameList},
		"STOR": {run: func(c *client, a string) { c.upload(a, plainUpload) }, may: mayWrite},
		"APPE": {run: func(c *client, a string) { c.upload(a, appended) }, may: mayWrite},
		"STOU": {run: func(c *client, a string) { c.upload(a, unique) }, may: mayWrite},
		"MKD":  {run: (*client).makeFolder, may: mayWrite}, "RMD": {run: (*client).removeFolder, may: mayWrite},
		"DELE": {run: (*client).remove, may: mayWrite}, "RNFR": {run: (*client).renameFrom, may: mayWrite}, "RNTO": {run: (*client).renameTo, may: mayWrite},
		"SIZE": {run: (*client).size}, "MDTM": {run: (*client).modified},
		"SITE": {run: (*client).site, may: func(c *client) bool { return !c.anonymous }},
		"PBSZ": {may: never}, "PROT": {may: never},
	}
	for other, name := range map[string]string{"XPWD": "PWD", "XCWD": "CWD", "XCUP": "CDUP", "XMKD": "MKD", "XRMD": "RMD"} {
		all[other] = all[name]
	}
	// An ABOR that came out of band, with and without the byte that is taken out.
	all["\xff\xf4\xff\xf2ABOR"], all["\xff\xf4\xffABOR"] = all["ABOR"], all["ABOR"]
	return all
}

func never(*client) bool         { return false }
func notExtended(c *client) bool { return !c.extended }

// afterLogin answers a client that is logged in.
func (c *client) afterLogin(l line) {
	if l.verb == "" && l.arg == "" {
		return
	}
	if l.verb == "PASS" {
		l.arg, l.raw = "", nil // what it tries now is no command line
	}
	c.did(l)
	known, ok := c.commands[l.verb]
	if l.verb == "P@SW" && !c.extended {
		known, ok = c.commands["PASV"]
	}
	switch {
	case !ok:
		c.reply(500, "Unknown command.")
	case known.may != nil && !known.may(c):
		c.reply(550, "Permission denied.")
	default:
		known.run(c, l.arg)
	}
}

// again answers a client that is logged in and names a user.
func (c *client) again(name string) {
	switch {
	case c.anonymous:
		c.reply(530, "Can't change from guest user.")
	case name == c.user:
		c.reply(331, "Any password will do.")
	default:
		c.reply(530, "Can't change to another user.")
	}
}

func (c *client) features() {
	c.hyphen(211, "Features:")
	for _, name := range []string{"EPRT", "EPSV", "MDTM", "PASV", "REST STREAM", "SIZE", "TVFS"} {
		c.raw(" " + name + "\r\n")
	}
	c.reply(211, "End")
}

func (c *client) options(arg string) {
	if upper(arg) == "UTF8 ON" {
		c.reply(200, "Always in UTF8 mode.")
		return
	}
	c.reply(501, "Option not understood.")
}

func (c *client) help() {
	c.hyphen(214, "The following commands are recognized.")
	names := strings.Fields("ABOR ACCT ALLO APPE CDUP CWD DELE EPRT EPSV FEAT HELP LIST MDTM MKD MODE NLST NOOP OPTS PASS PASV PORT PWD QUIT REIN REST RETR RMD RNFR RNTO SITE SIZE SMNT STAT STOR STOU STRU SYST TYPE USER XCUP XCWD XMKD XPWD XRMD")
	for len(names) > 0 {
		n := min(len(names), 14)
		row := " "
		for i, name := range names[:n] {
			if row += name; i < n-1 {
				row += strings.Repeat(" ", max(1, 5-len(name)))
			}
		}
		c.raw(row + "\r\n")
		names = names[n:]
	}
	c.reply(214, "Help OK.")
}

// stat tells of the connection, or lists a folder over it.
func (c *client) stat(arg string) {
	if arg != "" {
		c.statFile(arg)
		return
	}
	kind := "BINARY"
	if c.ascii {
		kind = "ASCII"
	}
	c.hyphen(211, "FTP server status:")
	for _, text := range []string{
		"Connected to " + mapped(c.session.Client().Addr()), "Logged in as " + c.user, "TYPE: " + kind, "No session bandwidth limit",
		fmt.Sprintf("Session timeout in seconds is %d", int(c.config.Idle.Seconds())), "Control connection is plain text",
		"Data connections will be plain text", fmt.Sprintf("At session startup, client count was %d", c.count), "vsFTPd 3.0.3 - secure, fast, stable",
	} {
		c.raw("     " + text + "\r\n")
	}
	c.reply(211, "End of status")
}

func (c *client) setType(arg string) {
	switch upper(arg) {
	case "I", "L8", "L 8":
		c.ascii = false
		c.reply(200, "Switching to Binary mode.")
	case "A", "A N":
		c.ascii = true
		c.reply(200, "Switching to ASCII mode.")
	default:
		c.reply(500, "Unrecognised TYPE command.")
	}
}

func structure(c *client, arg string) {
	if upper(arg) == "F" {
		c.reply(200, "Structure set to F.")
		return
	}
	c.reply(504, "Bad STRU command.")
}

func mode(c *client, arg string) {
	if upper(arg) == "S" {
		c.reply(200, "Mode set to S.")
		return
	}
	c.reply(504, "Bad MODE command.")
}

// rest says where the next transfer begins. What is no number is 0.
func (c *client) rest(arg string) {
	c.restart = 0
	if len(arg) <= 15 && strings.Trim(arg, "0123456789") == "" {
		for _, digit := range arg {
			c.restart = c.restart*10 + int64(digit-'0')
		}
	}
	c.reply(350, fmt.Sprintf("Restart position accepted (%d).", c.restart))
}

// site changes permissions, of one file or of those to come.
func (c *client) site(arg string) {
	verb, rest, _ := strings.Cut(arg, " ")
	switch verb = upper(verb); {
	case verb == "CHMOD" && c.config.Write:
		c.chmod(rest)
	case verb == "UMASK":
		c.umask(rest)
	case verb == "HELP" && c.config.Write:
		c.reply(214, "CHMOD UMASK HELP")
	case verb == "HELP":
		c.reply(214, "UMASK HELP")
	default:
		c.reply(500, "Unknown SITE command.")
	}
}

// octal reads the octal digits that a text begins with.
func octal(s string) (out uint32) {
	for i := 0; i < len(s) && '0' <= s[i] && s[i] <= '7'; i++ {
		out = out<<3 + uint32(s[i]-'0')
	}
	return out
}

func (c *client) umask(arg string) {
	text := "Your current UMASK is "
	if arg != "" {
		c.mask = modeOf(octal(arg))
		c.files.view = c.files.view.Masked(c.mask)
		text = "UMASK set to "
	}
	c.reply(200, text+fmt.Sprintf("%#o", uint32(c.mask)))
}

func (c *client) chmod(arg string) {
	bits, name, _ := strings.Cut(arg, " ")
	if name == "" {
		c.reply(500, "SITE CHMOD needs 2 arguments.")
		return
	}
	if c.files.on(c.tilde(name), func(p string) error { return c.files.view.Chmod(p, modeOf(octal(bits))) }) != nil {
		c.reply(550, "SITE CHMOD command failed.")
		return
	}
	c.reply(200, "SITE CHMOD command ok.")
}

// elsewhere records that a client wants the decky to call a third party.
func (c *client) elsewhere(host string, port uint16) {
	c.session.Record(service.Forward, nil, service.Field{Name: "kind", Value: "port"},
		service.Field{Name: "host", Value: host}, service.Field{Name: "port", Value: fmt.Sprint(port)})
}
