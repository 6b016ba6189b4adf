package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/internal/config"
)

type hypercoreCmd struct {
	List   hypercoreListCmd   `cmd:"" help:"List the cores of a folder and whether they verify."`
	Cat    hypercoreCatCmd    `cmd:"" help:"Write the blocks of a core."`
	Tail   hypercoreTailCmd   `cmd:"" help:"Follow a core and write what is appended."`
	Verify hypercoreVerifyCmd `cmd:"" help:"Check a core's root and signature."`
}

// coreArg is what the commands on one core have in common.
type coreArg struct {
	Dir string `arg:"" help:"The core's directory, a file in it, or a link to it."`
	Key string `placeholder:"REF" help:"file: or env: of the encryption key in hex."`
}

func (a coreArg) options() (hypercore.Options, error) {
	if a.Key == "" {
		return hypercore.Options{}, nil
	}
	ref := config.SecretRef(a.Key)
	if ref.Inline() {
		return hypercore.Options{}, usageError("--key: give file:PATH or env:NAME; a key on the command line is seen by everyone on the machine")
	}
	value, err := ref.Resolve()
	if err != nil {
		return hypercore.Options{}, usageError("--key: %v", err)
	}
	var key hypercore.Key
	if key.UnmarshalText([]byte(value.Reveal())) != nil { // its error may quote the key
		return hypercore.Options{}, usageError("--key: %s does not hold %d bytes in hex", ref, len(key))
	}
	return hypercore.Options{EncryptionKey: &key}, nil
}

func (a coreArg) open() (*hypercore.Core, error) {
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	return hypercore.Open(a.Dir, opts)
}

type hypercoreListCmd struct {
	Dir string `arg:"" help:"A core, a corestore, or a folder of cores."`
}

func (c *hypercoreListCmd) Run(ctx context.Context, s *session) error {
	cores, err := hypercore.List(ctx, c.Dir, hypercore.Options{})
	if err != nil {
		return err
	}
	return emitList(s, cores, func(w io.Writer) error {
		rows := make([][]string, len(cores))
		for i, l := range cores {
			state := "verified"
			if !l.Verified {
				state = l.Error
			}
			rows[i] = []string{l.Key.String(), strconv.FormatUint(l.Length, 10), strconv.FormatUint(l.Fork, 10), l.Name, state, l.Path}
		}
		return table(w, []string{"KEY", "LENGTH", "FORK", "NAME", "STATE", "PATH"}, rows)
	})
}

type hypercoreCatCmd struct {
	coreArg `embed:""`
	Raw     *uint64 `placeholder:"INDEX" help:"Write this one block itself."`
}

// catBlock, catGap: the shapes of `cat --format jsonl`, a contract with scripts.
type catBlock struct {
	Index    uint64 `json:"index"`
	Length   int    `json:"length"`
	Verified bool   `json:"verified"`
	SHA256   string `json:"sha256,omitempty"`
	Error    string `json:"error,omitempty"`
}

type catGap struct {
	Gap [2]uint64 `json:"gap"` // [from, to)
}

func (c *hypercoreCatCmd) Run(ctx context.Context, s *session) error {
	core, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = core.Close() }()
	if c.Raw != nil {
		b, err := core.Block(*c.Raw)
		if err != nil {
			return err
		}
		_, err = s.Stdout.Write(b)
		return err
	}
	damaged := 0
	err = core.Scan(ctx, 0, func(e hypercore.Event) error {
		if e.Kind == hypercore.Corrupt {
			damaged++
		}
		return s.writeCoreEvent(e)
	})
	if err == nil && damaged > 0 {
		err = fmt.Errorf("%s could not be verified", plural(damaged, "range of blocks", "ranges of blocks"))
	}
	return err
}

// writeCoreEvent writes one line per block or range; text shows the block
// itself, made safe for a terminal.
func (s *session) writeCoreEvent(e hypercore.Event) error {
	if s.global.Format == "text" {
		return s.writeCoreText(e)
	}
	switch e.Kind {
	case hypercore.Block:
		sum := sha256.Sum256(e.Data)
		return writeJSON(s.Stdout, catBlock{Index: e.Index, Length: len(e.Data), Verified: true, SHA256: hex.EncodeToString(sum[:])}, "")
	case hypercore.Gap:
		return writeJSON(s.Stdout, catGap{[2]uint64{e.Index, e.To}}, "")
	case hypercore.Corrupt:
		for i := e.Index; i < e.To; i++ {
			if err := writeJSON(s.Stdout, catBlock{Index: i, Error: errText(e.Err)}, ""); err != nil {
				return err
			}
		}
		return nil
	}
	return writeJSON(s.Stdout, map[string]any{"event": e.Kind.String(), "fork": e.Fork, "length": e.Length, "ancestors": e.Ancestors}, "")
}

func (s *session) writeCoreText(e hypercore.Event) error {
	var err error
	switch e.Kind {
	case hypercore.Block:
		_, err = fmt.Fprintf(s.Stdout, "%d\t%s\n", e.Index, oneLine(string(e.Data)))
	case hypercore.Gap:
		_, err = fmt.Fprintf(s.Stdout, "%d-%d\t(not stored here)\n", e.Index, e.To-1)
	case hypercore.Corrupt:
		_, err = fmt.Fprintf(s.Stdout, "%d-%d\t(damaged: %s)\n", e.Index, max(e.To, 1)-1, oneLine(errText(e.Err)))
	default:
		_, err = fmt.Fprintf(s.Stderr, "%s: fork %d, length %d\n", e.Kind, e.Fork, e.Length)
	}
	return err
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

type hypercoreTailCmd struct {
	coreArg `embed:""`
	From    *uint64 `placeholder:"INDEX" help:"Begin with this block. Default: what is appended from now on."`
}

// Run writes blocks as they come until it is interrupted. Only blocks that
// lead to a signed root are written.
func (c *hypercoreTailCmd) Run(ctx context.Context, s *session) error {
	opts, err := c.options()
	if err != nil {
		return err
	}
	skip, err := c.start(opts)
	if err != nil {
		return err
	}
	follower := hypercore.NewFollower(c.Dir, hypercore.FollowOptions{EncryptionKey: opts.EncryptionKey, OnState: s.tellState})
	err = follower.Run(ctx, nil, func(_ context.Context, b hypercore.Batch) error {
		for _, e := range b.Events {
			if e.Kind == hypercore.Block && e.Index < skip {
				continue
			}
			if e.Kind == hypercore.Rotated {
				skip = 0
			}
			if err := s.writeCoreEvent(e); err != nil {
				return err
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		return nil // interrupted, as a tail ends
	}
	return err
}

// start is the first block to write.
func (c *hypercoreTailCmd) start(opts hypercore.Options) (uint64, error) {
	if c.From != nil {
		return *c.From, nil
	}
	core, err := hypercore.Open(c.Dir, opts)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, hypercore.ErrEmpty):
		return 0, nil // it will be followed from its first block
	case err != nil:
		return 0, err
	}
	defer func() { _ = core.Close() }()
	return core.Info().Length, nil
}

func (s *session) tellState(st hypercore.State) {
	if st.Status != hypercore.Live {
		fmt.Fprintf(s.Stderr, "%s: %s\n", st.Status, oneLine(errText(st.Err)))
	}
}

type hypercoreVerifyCmd struct {
	coreArg `embed:""`
	Deep    bool `help:"Read and check every block as well."`
}

func (c *hypercoreVerifyCmd) Run(ctx context.Context, s *session) error {
	core, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = core.Close() }()
	report, err := c.verify(ctx, s, core)
	if errors.Is(err, context.Canceled) {
		return err
	}
	out := verifyResult{Key: core.Info().Key, Fork: core.Info().Fork, Report: report, Verified: err == nil, Error: errText(err)}
	if writeErr := emit(s, out, out.text); writeErr != nil {
		return writeErr
	}
	if err != nil {
		return codeError{code: exitFindings}
	}
	return nil
}

func (c *hypercoreVerifyCmd) verify(ctx context.Context, s *session, core *hypercore.Core) (hypercore.Report, error) {
	if c.Deep {
		p := newProgress(s)
		defer p.done()
		return core.VerifyBlocks(ctx, p.blocks)
	}
	root, err := core.Verify(ctx)
	return hypercore.Report{Root: root, Length: core.Info().Length}, err
}

// verifyResult is the shape of `verify --format json`.
type verifyResult struct {
	Key      hypercore.Key `json:"key"`
	Fork     uint64        `json:"fork"`
	Verified bool          `json:"verified"`
	Error    string        `json:"error,omitempty"`
	hypercore.Report
}

func (r verifyResult) text(w io.Writer) error {
	verdict := "verified"
	if !r.Verified {
		verdict = "NOT verified: " + oneLine(r.Error)
	}
	_, err := fmt.Fprintf(w, "%s\n  key     %s\n  length  %d\n  fork    %d\n  root    %s\n", verdict, r.Key, r.Length, r.Fork, r.Root)
	if err == nil && r.Blocks+r.Absent > 0 {
		_, err = fmt.Fprintf(w, "  blocks  %d read, %d not stored here, %d damaged ranges\n", r.Blocks, r.Absent, len(r.Corrupt))
	}
	return err
}
