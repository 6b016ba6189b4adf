package shell

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// start runs a program in the background of the login.
func (p *Proc) start(args []string) (int, error) {
	child, err := p.prepare(p.login.ctx, args)
	if err != nil {
		return 0, err
	}
	p.login.all.Go(func() { child.live(child.image()) })
	return child.PID, nil
}

func (p *Proc) run(ctx context.Context, args []string) (int, error) {
	child, err := p.prepare(ctx, args)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return 127, err
		}
		return 126, err
	}
	p.login.all.Go(func() { child.live(child.image()) })
	select {
	case <-child.self.done:
	case <-ctx.Done():
		if p.self.ctx.Err() != nil { // not when the caller only gave up waiting, as timeout does
			p.login.signalGroup(child.self.groupID(), SIGTERM)
		}
		<-child.self.done
	}
	status, _ := child.self.result()
	return status, nil
}

// prepare makes the process of another program.
func (p *Proc) prepare(ctx context.Context, args []string) (*Proc, error) {
	if len(args) == 0 {
		return nil, vfs.EINVAL
	}
	view := p.Machine.view(p.User).In(p.Dir)
	file, err := find(view, p.Env.Get("PATH"), args[0])
	if err == nil {
		_, err = view.Stat(file)
	}
	if err == nil {
		err = view.Access(file, 1)
	}
	if err != nil {
		return nil, err
	}
	proc, err := p.login.spawn(ctx, p.PID, p.User, args)
	if err != nil {
		return nil, err
	}
	proc.group = p.self.groupID()
	c := *p
	c.Args, c.Env, c.PID, c.self, c.shebangs = args, p.Env.Clone(), proc.PID, proc, 0
	c.Path = file
	if !path.IsAbs(file) {
		c.Path = path.Join(p.Dir, file)
	}
	c.fds = p.fds.clone()
	p.hand(&c)
	return &c, nil
}

// hand gives a new program the streams that its caller set in place of his own.
func (p *Proc) hand(c *Proc) {
	for n, s := range []any{p.In, p.Out, p.Err} {
		if b, ok := s.(bound); ok {
			c.fds.set(n, b.d)
			continue
		}
		if s == nil {
			c.fds.set(n, nil)
			continue
		}
		c.fds.set(n, open(foreign{s}))
	}
}
