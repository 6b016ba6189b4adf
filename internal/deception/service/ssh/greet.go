package ssh

import (
	"fmt"
	"io"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/door"
)

// greet writes what Debian shows who logs in at a terminal: the message of the
// day and the last login.
func (ch *channel) greet(w io.Writer) {
	files, err := ch.machine.View(ch.user)
	if err != nil {
		return
	}
	client := ch.session.Client().Addr()
	last := ch.memory.Swap(client, ch.user, door.Last{At: ch.clock.Now(), From: client.String(), TTY: "pts/0"})
	if door.Hushed(files) {
		return
	}
	text := door.Motd(ch.persona, files)
	if last == nil {
		last = door.Lastlog(files, ch.user)
	}
	if last != nil {
		text += fmt.Sprintf("Last login: %s from %s\n", last.At.In(ch.zone()).Format(time.ANSIC), last.From)
	}
	_, _ = io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n")) // the client may be gone
}

// zone is that of the machine's clock.
func (v *visit) zone() *time.Location { return door.Zone(v.persona) }
