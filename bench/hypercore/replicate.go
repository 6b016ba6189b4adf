package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
)

// server is an npm hypercore that replicates a core of its own.
type server struct {
	packages string
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	key      hypercore.Key
	address  string
	port     int
}

func (b *bench) serve(packages, dir string) (*server, error) {
	s := &server{packages: packages, cmd: exec.Command("node", b.replicate, packages, "serve", dir,
		strconv.Itoa(b.blocks), strconv.Itoa(b.size), strconv.Itoa(b.rate))}
	s.cmd.Stderr = os.Stderr
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting node: %w", err)
	}
	var told struct {
		Port int           `json:"port"`
		Key  hypercore.Key `json:"key"`
	}
	if err := s.hear(&told); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.key, s.port, s.address = told.Key, told.Port, fmt.Sprintf("127.0.0.1:%d", told.Port)
	return s, nil
}

func (s *server) hear(what any) error {
	text, err := s.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("hearing from node: %w", err)
	}
	return json.Unmarshal(text, what)
}

func (s *server) stop() error {
	return errors.Join(s.cmd.Process.Kill(), ignoreExit(s.cmd.Wait()))
}

func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// say writes a line and returns the processor time that node has used since the last one.
func (s *server) say(line string) (float64, error) {
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		return 0, err
	}
	var c cost
	err := s.hear(&c)
	return c.CPU, err
}

// replication downloads a core from npm's, by npm's and by ours in turn, then follows it.
func (b *bench) replication(packages string) error {
	s, err := b.serve(packages, filepath.Join(b.dir, "serve-"+filepath.Base(packages)))
	if err != nil {
		return err
	}
	defer s.stop()
	var npm, ours, share, serving []float64
	for round := range b.rounds {
		c, err := b.npmGet(s, round)
		if err != nil {
			return err
		}
		if _, err := s.say(""); err != nil {
			return err
		}
		took, cpu, err := b.download(s, uint64(b.blocks), nil)
		if err != nil {
			return err
		}
		node, err := s.say("")
		if err != nil {
			return err
		}
		npm, ours = append(npm, c.MS), append(ours, took)
		share, serving = append(share, 100*cpu/took), append(serving, 100*node/took)
	}
	fmt.Printf("\n| downloading %d blocks of %d bytes from %s | ms | blocks/s | ratio |\n|---|---|---|---|\n", b.blocks, b.size, filepath.Base(packages))
	b.row("npm", median(npm), median(npm))
	b.row("Go, every block proven", median(ours), median(npm))
	fmt.Printf("\nour share of a core %.0f %%, the serving npm's %.0f %%\n", median(share), median(serving))
	return b.live(s)
}

func (b *bench) npmGet(s *server, round int) (c cost, err error) {
	dir := filepath.Join(b.dir, fmt.Sprint("get-", filepath.Base(s.packages), round))
	cmd := exec.Command("node", b.replicate, s.packages, "get", dir, s.key.String(), strconv.Itoa(s.port), strconv.Itoa(b.blocks))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return c, fmt.Errorf("node get: %w", err)
	}
	return c, errors.Join(json.Unmarshal(out, &c), os.RemoveAll(dir))
}

// download follows the core until it has so many blocks; milliseconds, and those of
// processor time.
func (b *bench) download(s *server, want uint64, each hypercore.Handler) (took, cpu float64, err error) {
	start, before := time.Now(), used()
	err = peer.NewFollower(s.key, peer.TCP(s.address), peer.Options{}).Run(context.Background(), nil, func(ctx context.Context, batch hypercore.Batch) error {
		if each != nil {
			if err := each(ctx, batch); err != nil {
				return err
			}
		}
		if batch.Next.Length >= want {
			return errDone
		}
		return nil
	})
	if !errors.Is(err, errDone) {
		return 0, 0, fmt.Errorf("downloading: %w", err)
	}
	return ms(time.Since(start)), ms(used() - before), nil
}

// used is the processor time of this process.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// live measures from just before a block is appended until the follower hands it out.
func (b *bench) live(s *server) error {
	f := &timing{want: uint64(b.blocks + b.writes), from: uint64(b.blocks)}
	started := false
	begin := func(ctx context.Context, batch hypercore.Batch) error {
		if batch.Next.Length >= uint64(b.blocks) && !started {
			started = true
			if _, err := s.say(strconv.Itoa(b.writes)); err != nil {
				return err
			}
		}
		if err := f.handle(ctx, batch); err != nil && !errors.Is(err, errDone) {
			return err
		}
		return nil
	}
	if _, _, err := b.download(s, f.want, begin); err != nil {
		return err
	}
	fmt.Printf("\n%d appends at %d a second, append to handler: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
		b.writes, b.rate, median(f.delays), quantile(f.delays, 0.99), quantile(f.delays, 1))
	return nil
}
