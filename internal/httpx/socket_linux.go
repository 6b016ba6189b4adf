package httpx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	socketMode = 0o600
	maxPath    = 107 // bytes of sockaddr_un's sun_path but its NUL, unix(7)
)

// ListenSocket opens the control socket: a unix socket that only this user
// (and root) may open. One left by a program that died is replaced; one that
// answers is an error, and so is anything else at that path.
func ListenSocket(path string) (net.Listener, error) {
	if err := checkLength(path); err != nil {
		return nil, fmt.Errorf("opening control socket: %w", err)
	}
	if err := checkStale(path); err != nil {
		return nil, fmt.Errorf("opening control socket: %w", err)
	}
	l, err := bindPrivately(path)
	if err != nil {
		return nil, fmt.Errorf("opening control socket %s: %w", path, err)
	}
	return l, nil
}

func checkLength(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("path %s has %d bytes, the kernel takes %d: choose a shorter data directory", path, len(path), maxPath)
	}
	return nil
}

func checkStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err // it names path and operation
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s exists and is not a socket; move it away", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(fmt.Errorf("another server answers on %s; stop it first", path), c.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s may belong to another server: %w", path, err)
	}
	return nil
}

// bindPrivately makes the socket in a folder nobody else can enter, narrows
// its mode there and moves it into place: at no instant could others open it.
func bindPrivately(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, fmt.Errorf("making a private folder: %w", err)
	}
	defer os.RemoveAll(dir) // an empty folder at worst
	first := filepath.Join(dir, "s")
	if err := checkLength(first); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: first, Net: "unix"})
	if err != nil {
		return nil, err // it names address and operation
	}
	l.SetUnlinkOnClose(false)
	s := &socket{UnixListener: l, path: path}
	if err := errors.Join(os.Chmod(first, socketMode), os.Rename(first, path), checkMode(path)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkMode refuses a file system that does not keep modes.
func checkMode(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err // it names path and operation
	}
	if perm := info.Mode().Perm(); perm != socketMode {
		return fmt.Errorf("its mode is %#o, not %#o: put the data directory on a file system that keeps modes", perm, socketMode)
	}
	return nil
}

// socket removes its file when it closes.
type socket struct {
	*net.UnixListener
	path string
}

// Close implements net.Listener.
func (s *socket) Close() error {
	err := s.UnixListener.Close()
	if rm := os.Remove(s.path); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// Addr implements net.Listener; it is where the socket is, not where it began.
func (s *socket) Addr() net.Addr { return &net.UnixAddr{Name: s.path, Net: "unix"} }

// withPeer notes who is at the other end of a control socket's connection, as
// the kernel says (SO_PEERCRED, unix(7)).
func withPeer(ctx context.Context, c net.Conn) context.Context {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return ctx
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) { cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err != nil || credErr != nil {
		return ctx // unknown: the request is nobody's
	}
	return context.WithValue(ctx, peerKey{}, Peer{UID: cred.Uid, PID: cred.Pid})
}
