package app

import (
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/redact"
)

// announce tells the person who started the node everything that is open.
func (n *node) announce() {
	say(n.out, "Cordon %s is running.", version)
	say(n.out, "  dashboard  %s", n.cfg.API.URL())
	say(n.out, "  data       %s", n.cfg.Data.Dir)
	say(n.out, "  socket     %s", filepath.Join(n.cfg.Data.Dir, socketName))
	if n.cfg.Leak != nil {
		for _, s := range n.cfg.Leak.Sources {
			say(n.out, "  watching   %s (%s %s)", s.ID, s.Kind, s.Path)
		}
	}
	if n.egress != nil && n.egress.address != "" {
		say(n.out, "  egress     http://%s (HTTP and SOCKS5 proxy)", n.egress.address)
	}
	if n.egress != nil && n.egress.dnsAddress() != "" {
		say(n.out, "  names      %s (DNS)", n.egress.dnsAddress())
	}
	if n.egress != nil && n.egress.transparent != "" {
		say(n.out, "  redirected %s (connections from the packet filter)", n.egress.transparent)
	}
	n.announceLogs()
	n.announceDeckies()
	if !n.fromCfg && n.watchesDrop() {
		say(n.out, "\nSee something caught: cordon demo")
	}
	n.log.Info("running", "version", version, "listen", n.cfg.API.Listen, "data", n.cfg.Data.Dir)
}

func (n *node) watchesDrop() bool {
	for _, s := range n.cfg.Leak.Sources {
		if s.ID == config.DropID {
			return true
		}
	}
	return false
}

// announceSetup shows the link to a person at a terminal. Where the output may
// be a log, only the file that holds it is named.
func (n *node) announceSetup(link redact.Secret) {
	if atTerminal(n.out) {
		say(n.out, "\nOpen this once, within 15 minutes, to make the first administrator:\n  %s\n", link.Reveal())
		return
	}
	say(n.out, "The one-time setup link is in %s for 15 minutes.", filepath.Join(n.cfg.Data.Dir, auth.SetupFile))
}

func atTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
