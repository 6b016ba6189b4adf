//go:build !linux

package caller

import "net/netip"

// lookUp finds nobody: only Linux tells.
func lookUp(_, _ netip.AddrPort) (socket, bool) { return socket{}, false }

func (f *Finder) ownedBy(int, uint32) bool { return false }

func lookUpDatagram(_, _ netip.AddrPort) (socket, bool) { return socket{}, false }
