package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// passwordState is passwd -S: what /etc/shadow says of an account.
func passwordState(p *shell.Proc, name string) int {
	root, _ := p.Machine.UserByID(0)
	b, err := p.As(root).Files.ReadFile("/etc/shadow")
	if err != nil {
		return 1
	}
	for _, line := range splitLines(b) {
		f := strings.Split(line, ":")
		if f[0] != name {
			continue
		}
		days, _ := strconv.ParseInt(field(f, 2), 10, 64)
		fmt.Fprintf(p.Out, "%s %s %s 0 99999 7 -1\n", name, passwordKind(field(f, 1)), time.Unix(days*86400, 0).UTC().Format("01/02/2006"))
	}
	return 0
}

// passwordKind is how passwd -S calls what stands in the place of a hash.
func passwordKind(hash string) string {
	switch {
	case hash == "":
		return "NP"
	case strings.HasPrefix(hash, "!") || strings.HasPrefix(hash, "*"):
		return "L"
	}
	return "P"
}

// lockPassword is passwd -l, -u and -d: it changes what /etc/shadow has.
func lockPassword(p *shell.Proc, a *arguments, name string) int {
	refused := false
	_, err := edit(p, "/etc/shadow", name, func(f []string) bool {
		open := strings.TrimPrefix(f[1], "!")
		switch {
		case a.has("l"):
			f[1] = "!" + open
		case a.has("d"):
			f[1] = ""
		case open == "":
			refused = true
		default:
			f[1] = open
		}
		return true
	})
	switch {
	case refused:
		fmt.Fprintf(p.Err, "passwd: unlocking the password would result in a passwordless account.\nYou should set a password with usermod -p to unlock the password of this account.\n")
		return 3
	case err != nil:
		return passwdFailed(p)
	}
	fmt.Fprintln(p.Out, "passwd: password changed.")
	return 0
}
