// Package caller finds the program at the other end of a connection from this
// machine: the kernel tells which socket it is (sock_diag(7)), and /proc who
// holds that socket. Elsewhere than on Linux nobody is found.
//
// What it says is for people and for rules that name programs. It is no proof:
// a socket may be held by several processes, and a process may pass it on.
//
// It imports the standard library, golang.org/x/sys/unix, and the type that it
// fills from guard/egress/policy.
package caller

import (
	"container/list"
	"net/netip"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// What one search may cost. Who is not found then is not known.
const (
	maxFiles   = 16_384 // descriptors looked at, of all processes together
	maxCmdline = 4 << 10
	maxRecent  = 64 // processes that are looked at first: most connections come from few
	maxUsers   = 1_024
)

// Finder finds programs. It is safe for concurrent use.
type Finder struct {
	proc string

	mu     sync.Mutex
	recent *list.List // of process ids, the latest first
	users  map[uint32]string
}

// New makes a finder over /proc.
func New() *Finder {
	return &Finder{proc: "/proc", recent: list.New(), users: map[uint32]string{}}
}

// Caller finds who is connected from client to gateway. What is not known stays
// empty: always so for clients of other machines.
func (f *Finder) Caller(client, gateway netip.AddrPort) policy.Program {
	socket, ok := lookUp(client, gateway)
	return f.owner(socket, ok)
}

// Datagram finds who has the UDP socket from which client asks server.
func (f *Finder) Datagram(client, server netip.AddrPort) policy.Program {
	socket, ok := lookUpDatagram(client, server)
	return f.owner(socket, ok)
}

// owner describes who holds a socket.
func (f *Finder) owner(socket socket, ok bool) policy.Program {
	if !ok || socket.inode == 0 {
		return policy.Program{}
	}
	p := policy.Program{User: f.user(socket.uid)}
	pid, ok := f.holder(socket)
	if !ok {
		return p
	}
	f.remember(pid)
	return f.describe(pid, p)
}

// socket is what the kernel knows of one.
type socket struct{ uid, inode uint32 }

// user is the name of a user, or its number.
func (f *Finder) user(uid uint32) string {
	f.mu.Lock()
	name, ok := f.users[uid]
	f.mu.Unlock()
	if ok {
		return name
	}
	name = strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.users) < maxUsers {
		f.users[uid] = name
	}
	return name
}

// remember puts a process before the others.
func (f *Finder) remember(pid int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := f.recent.Front(); e != nil; e = e.Next() {
		if e.Value == pid {
			f.recent.MoveToFront(e)
			return
		}
	}
	f.recent.PushFront(pid)
	if f.recent.Len() > maxRecent {
		f.recent.Remove(f.recent.Back())
	}
}

// candidates are the remembered processes.
func (f *Finder) candidates() (pids []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := f.recent.Front(); e != nil; e = e.Next() {
		pids = append(pids, e.Value.(int))
	}
	return pids
}

func (f *Finder) path(pid int, name string) string {
	return filepath.Join(f.proc, strconv.Itoa(pid), name)
}
