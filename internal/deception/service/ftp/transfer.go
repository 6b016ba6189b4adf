package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/sftp"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// pieces is how much of a file is moved at a time.
const pieces = 32 << 10

// newDataConn makes a connection end with the decky.
func newDataConn(c *client, conn net.Conn) *dataConn {
	return &dataConn{Conn: conn, stall: c.config.Stall, forget: context.AfterFunc(c.ctx, func() { _ = conn.Close() })}
}

// stalled ends the client when its data did not move.
func (c *client) stalled(err error) bool {
	if !timedOut(err) {
		return false
	}
	c.leave(421, "Data timeout. Reconnect. Sorry.")
	return true
}

// retrieve is RETR.
func (c *client) retrieve(arg string) {
	from := c.restart
	c.restart = 0
	if !c.mayTransfer() {
		return
	}
	if c.ascii && from != 0 {
		c.reply(550, "No support for resume of ASCII transfer.")
		return
	}
	name := c.tilde(arg)
	f, size, err := c.openRegular(name)
	if err != nil {
		c.reply(550, "Failed to open file.")
		return
	}
	defer f.Close()
	d := c.dataConn(fmt.Sprintf("Opening BINARY mode data connection for %s (%d bytes).", name, size))
	defer c.closePort()
	if d == nil {
		return
	}
	sent, err := send(d, f, from, size)
	_ = d.Close()
	c.session.Record(service.Download, nil, service.Field{Name: "path", Value: c.pathOf(name)},
		service.Field{Name: "bytes", Value: fmt.Sprint(sent)}, service.Field{Name: "by", Value: "ftp"})
	switch {
	case c.stalled(err):
	case err != nil:
		c.reply(426, "Failure writing network stream.")
	default:
		c.reply(226, "Transfer complete.")
	}
}

// openRegular opens a regular file to be read, and tells the size that it has for
// stat: of files that the kernel makes when they are read that is 0, and so much
// is sent of them.
func (c *client) openRegular(name string) (f *vfs.File, size int64, err error) {
	info, err := c.files.stat(name)
	switch {
	case err != nil:
		return nil, 0, err
	case !info.Mode.IsRegular():
		return nil, 0, vfs.EINVAL
	case c.anonymous && info.Mode.Perm()&0o004 == 0:
		return nil, 0, vfs.EACCES // anon_world_readable_only
	}
	err = c.files.on(name, func(p string) error {
		f, err = c.files.view.Open(p, vfs.O_RDONLY, 0)
		return err
	})
	return f, info.Size, err
}

// send sends a file from one place to its end.
func send(to io.Writer, f *vfs.File, from, size int64) (sent int64, err error) {
	b := make([]byte, pieces)
	for at := from; at < size && err == nil; {
		n, readErr := f.ReadAt(b[:min(int64(len(b)), size-at)], at)
		if n == 0 {
			if errors.Is(readErr, io.EOF) {
				readErr = io.ErrUnexpectedEOF // it has become shorter
			}
			return sent, readErr
		}
		var wrote int
		wrote, err = to.Write(b[:n])
		sent, at = sent+int64(wrote), at+int64(n)
	}
	return sent, err
}

// How a file comes in.
type way int

const (
	plainUpload way = iota
	appended
	unique
)

// upload is STOR, APPE and STOU.
func (c *client) upload(arg string, how way) {
	at := c.restart
	c.restart = 0
	if !c.mayTransfer() {
		return
	}
	name, text := c.tilde(arg), "Ok to send data."
	if how == unique {
		name = c.uniqueName(name)
		text = "FILE: " + name
	}
	f, err := c.create(name, how, at)
	if err != nil {
		c.reply(553, "Could not create file.")
		return
	}
	defer f.Close()
	d := c.dataConn(text)
	defer c.closePort()
	if d == nil {
		return
	}
	local, network := receive(f, d)
	_ = d.Close()
	c.kept += sftp.Keep(c.files.view, c.session, c.pathOf(name), "ftp", sftp.MaxKept-c.kept)
	switch {
	case c.stalled(network):
	case local != nil:
		c.reply(451, "Failure writing to local file.")
	case network != nil:
		c.reply(426, "Failure reading network stream.")
	default:
		c.reply(226, "Transfer complete.")
	}
}

// create opens the file of an upload, and goes to where that begins.
func (c *client) create(name string, how way, at int64) (f *vfs.File, err error) {
	flags := vfs.O_WRONLY | vfs.O_CREATE
	if how == unique {
		flags |= vfs.O_EXCL
	}
	if how != appended && at == 0 {
		flags |= vfs.O_TRUNC
	}
	if info, err := c.files.stat(name); err == nil && !info.Mode.IsRegular() && !info.Mode.IsDir() {
		return nil, vfs.EACCES // a pipe would wait for ever; nobody needs its device by FTP
	}
	err = c.files.on(name, func(p string) error {
		f, err = c.files.view.Open(p, flags, 0o666)
		return err
	})
	if err != nil {
		return nil, err
	}
	whence := io.SeekStart
	if how == appended {
		at, whence = 0, io.SeekEnd
	}
	if _, err := f.Seek(at, whence); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// receive takes a file in: local says why it could not be written, network why
// no more came.
func receive(to io.Writer, from io.Reader) (local, network error) {
	b := make([]byte, pieces)
	for {
		n, err := from.Read(b)
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return err, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
