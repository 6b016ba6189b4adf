// Package sftp serves files by the SFTP protocol, version 3
// (draft-ietf-secsh-filexfer-02), as OpenSSH 9.2's sftp-server does: its
// extensions, its status codes, its limits. The files are those of a virtual
// file system; what a client leaves there is kept as an artifact.
//
// To add a request: a line in requests or extensions and a method of server.
//
// Level 2: it may import deception/service, deception/shell/vfs and its sibling
// wire.
package sftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Numbers of messages.
const (
	fxpInit    = 1
	fxpVersion = 2

	fxpOpen     = 3
	fxpClose    = 4
	fxpRead     = 5
	fxpWrite    = 6
	fxpLstat    = 7
	fxpFstat    = 8
	fxpSetstat  = 9
	fxpFsetstat = 10
	fxpOpendir  = 11
	fxpReaddir  = 12
	fxpRemove   = 13
	fxpMkdir    = 14
	fxpRmdir    = 15
	fxpRealpath = 16
	fxpStat     = 17
	fxpRename   = 18
	fxpReadlink = 19
	fxpSymlink  = 20

	fxpStatus        = 101
	fxpHandle        = 102
	fxpData          = 103
	fxpName          = 104
	fxpAttrs         = 105
	fxpExtended      = 200
	fxpExtendedReply = 201
)

const (
	maxMessage = 256 << 10         // bytes of a message
	maxRead    = maxMessage - 1024 // bytes of one read
	maxHandles = 1024 - 5          // what a process may have open, without its own
	maxNames   = 100               // in an answer to readdir
	maxListed  = 50_000            // entries of all open folders
	freeListed = 64 << 10          // bytes of them that do not count: a client can always look around
	perListed  = 160               // bytes of an entry beside its name, twice
	maxCopy    = 1 << 30           // bytes that one request copies
)

// Exit statuses of sftp-server.
const (
	exitOK     = 0
	exitLength = 11 // a message is longer than it may be
	exitFatal  = 255
)

// Options are whose files are served, and on what machine.
type Options struct {
	Files   *vfs.View        // Mandatory. From the user's home.
	Session *service.Session // Mandatory.
	Now     func() time.Time // Mandatory.
	Zone    *time.Location   // Mandatory. Of the machine's clock.
	Disk    uint64           // bytes of its file system
	Serial  uint64           // of that

	// Hold takes bytes of what the lists of all clients may take, or gives them back
	// when the number is negative, and reports whether there were so many. If nil,
	// there are as many as each may have.
	Hold func(bytes int64) bool
	// Turn waits until a request may be answered that takes long. Whoever has it calls
	// done as soon as it is. If nil, nobody waits.
	Turn func() (done func(), err error)
}

// server is one client's sftp-server.
type server struct {
	Options
	out     io.Writer
	begun   bool
	version uint32
	home    string
	open    []*handle // by number; nil is free
	listed  int       // entries of open folders
	holds   int64     // bytes of them
	paid    int64     // of these, counted by Hold
	kept    int64     // bytes of files
	names   *names
}

// errFatal ends the server, as what it could not read ends sftp-server.
var errFatal = errors.New("sftp: a message could not be read")

// Serve answers a client until it leaves or ctx ends, and returns the exit
// status.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) int {
	o.Files = o.Files.Within(ctx)
	if o.Hold == nil {
		o.Hold = func(int64) bool { return true }
	}
	if o.Turn == nil {
		o.Turn = func() (func(), error) { return func() {}, nil }
	}
	s := &server{Options: o, out: out, home: o.Files.Dir(), names: readNames(o.Files)}
	defer s.closeAll()
	for ctx.Err() == nil {
		message, err := receive(in)
		if errors.Is(err, errTooLong) {
			return exitLength
		}
		if err != nil {
			return exitOK
		}
		if err := s.handle(message); err != nil {
			return exitFatal
		}
	}
	return exitFatal
}

var errTooLong = errors.New("sftp: a message is too long")

// receive reads a message. Its memory grows with what comes.
func receive(in io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, fmt.Errorf("reading a message: %w", err)
	}
	n := wire.Read(head).Uint32()
	if n > maxMessage {
		return nil, errTooLong
	}
	message, err := io.ReadAll(io.LimitReader(in, int64(n)))
	if err == nil && len(message) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("reading a message: %w", err)
	}
	return message, nil
}

// request answers one kind of message. What it returns ends the server.
type request func(s *server, id uint32, r *wire.Reader) error

func requests() map[byte]request {
	return map[byte]request{
		fxpOpen: (*server).openFile, fxpClose: (*server).closeHandle, fxpRead: (*server).read, fxpWrite: (*server).write,
		fxpLstat: (*server).lstat, fxpStat: (*server).stat, fxpFstat: (*server).fstat,
		fxpSetstat: (*server).setstat, fxpFsetstat: (*server).fsetstat,
		fxpOpendir: (*server).opendir, fxpReaddir: (*server).readdir, fxpRemove: (*server).remove,
		fxpMkdir: (*server).mkdir, fxpRmdir: (*server).rmdir, fxpRealpath: (*server).realpath,
		fxpRename: (*server).rename, fxpReadlink: (*server).readlink, fxpSymlink: (*server).symlink,
		fxpExtended: (*server).extended,
	}
}

func (s *server) handle(message []byte) error {
	r := wire.Read(message)
	number := r.Byte()
	if number == fxpInit {
		return s.init(r)
	}
	id := r.Uint32()
	if !r.OK() || !s.begun {
		return errFatal
	}
	if f := requests()[number]; f != nil {
		return f(s, id, r)
	}
	return nil // sftp-server notes an unknown one and goes on
}

// init tells the version and the extensions, in sftp-server's order.
func (s *server) init(r *wire.Reader) error {
	s.version = r.Uint32()
	if !r.OK() {
		return errFatal
	}
	s.begun = true
	p := wire.Message(fxpVersion).Uint32(3)
	for _, e := range extensions() {
		p = p.Text(e.name).Text(e.version)
	}
	return s.send(p)
}

func (s *server) send(p wire.Packet) error {
	if _, err := s.out.Write(wire.Packet(nil).String(p)); err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	return nil
}

func (s *server) status(id, status uint32) error { return s.statusText(id, status, text(status)) }

func (s *server) statusText(id, status uint32, text string) error {
	p := wire.Message(fxpStatus).Uint32(id).Uint32(status)
	if s.version >= 3 {
		p = p.Text(text).Text("")
	}
	return s.send(p)
}

// result tells what a system call came to.
func (s *server) result(id uint32, err error) error { return s.status(id, portable(err)) }

// entry is a name in an answer.
type entry struct {
	name, long string
	attributes attributes
}

func (s *server) sendNames(id uint32, entries ...entry) error {
	p := wire.Message(fxpName).Uint32(id).Uint32(uint32(len(entries)))
	for _, e := range entries {
		p = e.attributes.append(p.Text(e.name).Text(e.long))
	}
	return s.send(p)
}

// sendPath answers with a path.
func (s *server) sendPath(id uint32, path string) error {
	return s.sendNames(id, entry{name: path, long: path})
}

// did records what a client changed.
func (s *server) did(format string, a ...any) {
	s.Session.Record(service.Command, nil, service.Field{Name: "kind", Value: "sftp"}, service.Field{Name: "line", Value: fmt.Sprintf(format, a...)})
}
