package app

import (
	"net/netip"

	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ftp"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
)

// ftpKind is FTP whose clients find the files of machines of the decky.
func ftpKind(h *host.Hosts) service.Kind {
	k := ftp.Kind(nil)
	k.New = func(s service.Setup) (service.Service, error) { return ftp.Kind(ftpMachines{h.Of(s.Persona)}).New(s) }
	return k
}

// ftpMachines are those of one decky, as FTP wants them.
type ftpMachines struct{ inside *host.Inside }

// Machine implements ftp.Machines.
func (m ftpMachines) Machine(client netip.Addr) ftp.Machine { return m.inside.Machine(client) }

// Passwords implements ftp.Machines.
func (m ftpMachines) Passwords() *passwords.Memory { return &m.inside.Memory().Passwords }
