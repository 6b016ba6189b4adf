package scan

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// catPool keeps git cat-file programs: each answers one reader at a time, so
// that there are as many as inputs are read at once.
type catPool struct {
	repo *Repository
	mu   sync.Mutex
	idle []*cat
	done bool
}

// cat is a running git cat-file --batch.
type cat struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (p *catPool) open(ctx context.Context, id string) (Content, error) {
	c, err := p.take()
	if err != nil {
		return Content{}, err
	}
	size, err := c.ask(id)
	if err != nil {
		p.give(c, err == errMissing)
		return Content{}, fmt.Errorf("object %s: %w", short(id), err)
	}
	return Content{&object{pool: p, cat: c, left: size}, size}, nil
}

func (p *catPool) take() (*cat, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c, nil
	}
	return p.start()
}

// start runs one more program. It lives as long as the pool, not as long as the
// input for which it is started.
func (p *catPool) start() (*cat, error) {
	cmd := p.repo.command(context.Background(), "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting git: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting git: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting git: %w", err)
	}
	return &cat{cmd, in, bufio.NewReaderSize(out, 64<<10)}, nil
}

// give takes a program back, or ends it when what it says next is not known.
func (p *catPool) give(c *cat, sound bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sound && !p.done {
		p.idle = append(p.idle, c)
		return
	}
	c.end()
}

func (p *catPool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	for _, c := range p.idle {
		c.end()
	}
	p.idle = nil
}

func (c *cat) end() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// errMissing says that an object is not there, as in a partial clone.
var errMissing = fmt.Errorf("it is not in the repository")

// ask requests an object. The answer begins with "ID TYPE SIZE" (git-cat-file(1),
// "BATCH OUTPUT").
func (c *cat) ask(id string) (int64, error) {
	if _, err := io.WriteString(c.in, id+"\n"); err != nil {
		return 0, fmt.Errorf("asking git: %w", err)
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("git gave no answer: %w", err)
	}
	parts := strings.Fields(line)
	if len(parts) == 2 && parts[1] == "missing" {
		return 0, errMissing
	}
	if len(parts) != 3 {
		return 0, fmt.Errorf("git answered %.100q", line)
	}
	return strconv.ParseInt(parts[2], 10, 64)
}

// object is the content of an object. Close gives the program back.
type object struct {
	pool *catPool
	cat  *cat
	left int64
}

func (o *object) Read(p []byte) (int, error) {
	if o.left == 0 {
		return 0, io.EOF
	}
	n, err := o.cat.out.Read(p[:min(int64(len(p)), o.left)])
	o.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// drained is up to how much of an object is read to its end rather than
// starting another program.
const drained = 1 << 20

func (o *object) Close() error {
	sound := false
	if o.left <= drained {
		_, err := io.CopyN(io.Discard, o.cat.out, o.left+1) // and a line end
		sound = err == nil
	}
	o.pool.give(o.cat, sound)
	return nil
}
