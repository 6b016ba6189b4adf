package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/backup"
	"go.cordon.dev/cordon/internal/redact"
)

type backupCmd struct {
	Create  backupCreateCmd  `cmd:"" help:"Write a backup, also while a server runs."`
	Verify  backupVerifyCmd  `cmd:"" help:"Say whether a backup is whole, and what is in it."`
	Restore backupRestoreCmd `cmd:"" help:"Read a backup into an empty database, while no server runs."`
}

// passphraseFlag is how the passphrase of the keys gets in; never as an
// argument, which others can see.
type passphraseFlag struct {
	PassphraseFile string `placeholder:"FILE" help:"The first line of this file is the passphrase of the keys (- is standard input)."`
}

// maxPassphrase bounds the file, in bytes.
const maxPassphrase = 4096

func (f passphraseFlag) read(s *session) (redact.Secret, error) {
	if f.PassphraseFile == "" {
		return redact.Secret{}, nil
	}
	in := s.Stdin
	if f.PassphraseFile != "-" {
		file, err := os.Open(f.PassphraseFile)
		if err != nil {
			return redact.Secret{}, usageError("--passphrase-file: %v", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, maxPassphrase))
	if err != nil {
		return redact.Secret{}, fmt.Errorf("reading passphrase: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return redact.Secret{}, usageError("--passphrase-file %s: its first line is empty", f.PassphraseFile)
	}
	return redact.NewSecret(line), nil
}

type backupCreateCmd struct {
	Dest           string `arg:"" placeholder:"FILE|DIR" help:"A new file, or a directory in which one is made."`
	WithKeys       bool   `help:"Also the installation's keys, sealed with a passphrase."`
	passphraseFlag `embed:""`
}

// noKeys is said loudly: a backup alone is not enough to go on.
const noKeys = `cordon: the installation's KEYS ARE NOT in this backup. Without them a restored
        database does not open, and fingerprints cannot be joined with new ones.
        Keep <data>/keys elsewhere, or add --with-keys --passphrase-file FILE.`

func (c *backupCreateCmd) Run(ctx context.Context, s *session) error {
	passphrase, err := c.read(s)
	if err != nil {
		return err
	}
	if c.WithKeys == passphrase.IsZero() {
		return usageError("give --with-keys and --passphrase-file together")
	}
	path := c.path()
	err = s.withClient(ctx, true, func(cl *client.Client) error {
		return c.fetch(ctx, s, cl, path, api.BackupRequest{WithKeys: c.WithKeys, Passphrase: passphrase.Reveal()})
	})
	if err != nil {
		return err
	}
	if !c.WithKeys {
		fmt.Fprintln(s.Stderr, noKeys)
	}
	return nil
}

// path is the file to make: the one that is named, or one named by the time in
// the directory that is.
func (c *backupCreateCmd) path() string {
	if info, err := os.Stat(c.Dest); err == nil && info.IsDir() {
		return filepath.Join(c.Dest, "cordon-"+time.Now().UTC().Format("20060102T150405Z")+".tar.gz")
	}
	return c.Dest
}

// fetch writes the backup beside its place, reads it again, and only then gives
// it its name: what has the name is whole.
func (c *backupCreateCmd) fetch(ctx context.Context, s *session, cl *client.Client, path string, r api.BackupRequest) error {
	if _, err := os.Lstat(path); err == nil {
		return usageError("%s is there already; name another file", path)
	}
	partial, err := os.OpenFile(path+".partial", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("making backup file: %w", err)
	}
	defer func() { _ = os.Remove(partial.Name()) }() // gone when it got its name
	sum, err := c.write(ctx, s, cl, partial, r)
	if err = errors.Join(err, partial.Sync(), partial.Close()); err != nil {
		return err
	}
	if err := os.Rename(partial.Name(), path); err != nil {
		return fmt.Errorf("naming backup file: %w", err)
	}
	return printSummary(s, path, sum)
}

func (c *backupCreateCmd) write(ctx context.Context, s *session, cl *client.Client, f *os.File, r api.BackupRequest) (backup.Summary, error) {
	in, err := cl.Backup(ctx, r)
	if err != nil {
		return backup.Summary{}, err
	}
	defer func() { _ = in.Close() }() // read to its end, or given up
	bar := newProgress(s)
	defer bar.done()
	bar.file("backing up")
	if _, err := io.Copy(f, bar.reader(in)); err != nil {
		return backup.Summary{}, fmt.Errorf("writing backup: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return backup.Summary{}, fmt.Errorf("verifying backup: %w", err)
	}
	bar.file("verifying")
	return backup.Verify(bar.reader(f))
}

type backupVerifyCmd struct {
	File string `arg:"" help:"The backup (- is standard input)."`
}

func (c *backupVerifyCmd) Run(_ context.Context, s *session) error {
	in, done, err := openBackup(s, c.File)
	if err != nil {
		return err
	}
	defer done()
	bar := newProgress(s)
	sum, err := backup.Verify(bar.reader(in))
	bar.done()
	if errors.Is(err, backup.ErrDamaged) {
		return codeError{exitFindings, err.Error()}
	}
	if err != nil {
		return err
	}
	return printSummary(s, c.File, sum)
}

func openBackup(s *session, path string) (io.Reader, func(), error) {
	if path == "-" {
		return s.Stdin, func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, usageError("%v", err)
	}
	return f, func() { _ = f.Close() }, nil
}

type backupRestoreCmd struct {
	File           string `arg:"" help:"The backup (- is standard input)."`
	WithoutKeys    bool   `help:"Leave out the keys that are in the backup."`
	passphraseFlag `embed:""`
}

func (c *backupRestoreCmd) Run(ctx context.Context, s *session) error {
	if s.global.Server != "" {
		return usageError("a backup is restored on the machine itself, while no server runs: leave --server out")
	}
	passphrase, err := c.read(s)
	if err != nil {
		return err
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	in, done, err := openBackup(s, c.File)
	if err != nil {
		return err
	}
	defer done()
	bar := newProgress(s)
	sum, err := s.Restore(ctx, cfg, bar.reader(in), RestoreOptions{Passphrase: passphrase, WithoutKeys: c.WithoutKeys})
	bar.done()
	if err != nil {
		return err
	}
	if len(sum.Keys) == 0 || c.WithoutKeys {
		s.complain(fmt.Sprintf("no keys were restored: put the key files of the old installation into %s before you start the server", filepath.Join(cfg.Data.Dir, "keys")))
	}
	return printSummary(s, c.File, sum)
}

// summary is what a backup holds, for programs.
type summary struct {
	File string `json:"file"`
	backup.Header
	Rows map[string]int64 `json:"rows"`
}

func printSummary(s *session, path string, sum backup.Summary) error {
	return emit(s, summary{path, sum.Header, sum.Rows}, func(w io.Writer) error {
		keys := "no keys"
		if len(sum.Keys) > 0 {
			keys = "sealed: " + strings.Join(sum.Keys, ", ")
		}
		_, err := fmt.Fprintf(w, "%s is whole: %d rows, %s, made %s by Cordon %s\n%s", path, sum.Total(), keys, sum.CreatedAt.Format(time.RFC3339), oneLine(sum.Cordon), sum.String())
		return err
	})
}
