package scp

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// send gives the named files out.
func (c *copier) send() error {
	if _, err := c.response(); err != nil {
		return err
	}
	for _, name := range c.names {
		if err := c.source(name, 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) source(name string, depth int) error {
	if len(name) > 1 {
		name = strings.TrimRight(name, "/")
	}
	if c.Pay(1) != nil {
		return errStop
	}
	f, err := c.Files.Open(name, vfs.O_RDONLY, 0)
	if err != nil {
		return c.complain("%s: %s", name, reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return c.complain("%s: %s", name, reason(err))
	case info.IsDir() && c.recursive && depth < maxDepth:
		return c.folder(name, info, depth)
	case !info.Mode.IsRegular():
		return c.complain("%s: not a regular file", name)
	}
	return c.regular(f, name, info)
}

// times tells a file's, when that was asked for; ok is false when the client has
// no use for the file.
func (c *copier) times(i vfs.Info) (ok bool, err error) {
	if !c.preserve {
		return true, nil
	}
	if err := c.say(fmt.Sprintf("T%d 0 %d 0\n", i.Mtime.Unix(), i.Atime.Unix())); err != nil {
		return false, err
	}
	return c.response()
}

func (c *copier) regular(f *vfs.File, name string, info vfs.Info) error {
	if ok, err := c.times(info); !ok {
		return err
	}
	if err := c.say(fmt.Sprintf("C%04o %d %s\n", unix(info), info.Size, path.Base(name))); err != nil {
		return err
	}
	if ok, err := c.response(); !ok {
		return err
	}
	n, err := io.CopyN(c.Out, f, info.Size)
	if n < info.Size { // it has become shorter: what is missing is zeros
		if _, err := io.CopyN(c.Out, zeros{}, info.Size-n); err != nil {
			return errStop
		}
	}
	if c.Session != nil {
		c.Session.Record(service.Download, nil, service.Field{Name: "path", Value: name},
			service.Field{Name: "bytes", Value: fmt.Sprint(n)}, service.Field{Name: "by", Value: "scp"})
	}
	if err != nil && n < info.Size {
		err = c.complain("%s: %s", name, reason(err))
	} else {
		err = c.acknowledge()
	}
	if err != nil {
		return err
	}
	_, err = c.response()
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func (c *copier) folder(name string, info vfs.Info, depth int) error {
	names, release, err := c.list(name)
	if errors.Is(err, errStop) {
		return err
	}
	if err != nil {
		return c.complain("%s: %s", name, reason(err))
	}
	defer release()
	if ok, err := c.times(info); !ok {
		return err
	}
	if err := c.say(fmt.Sprintf("D%04o 0 %s\n", unix(info), path.Base(name))); err != nil {
		return err
	}
	if ok, err := c.response(); !ok {
		return err
	}
	for _, child := range names {
		if err := c.source(name+"/"+child, depth+1); err != nil {
			return err
		}
	}
	if err := c.say("E\n"); err != nil {
		return err
	}
	_, err = c.response()
	return err
}

// list are the names in a folder, which are held until release is called: that of one
// that leads back to itself is held for each time.
func (c *copier) list(name string) (names []string, release func(), err error) {
	entries, err := c.Files.ReadDir(name)
	if err != nil {
		return nil, nil, err
	}
	if c.Pay(len(entries)) != nil {
		return nil, nil, errStop
	}
	size := 0
	for _, e := range entries {
		names = append(names, e.Name)
		size += perName + len(e.Name)
	}
	if !c.Hold(size) {
		return nil, nil, errMemory
	}
	return names, func() { c.Hold(-size) }, nil
}

// perName is what a name takes beside its bytes.
const perName = 32

// errMemory is what a program gets that may have no more.
const errMemory = vfs.Errno("Cannot allocate memory")
