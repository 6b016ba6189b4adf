package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/backup"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/redact"
)

// Deps is what the command line needs from the application.
type Deps struct {
	// Serve runs a node until ctx ends. Mandatory.
	Serve func(ctx context.Context, o ServeOptions) error
	// Local opens the API of the data directory of c: of the server that runs
	// on it, or, when none does and offline is true, of this process. Mandatory.
	Local func(ctx context.Context, c *config.Config, offline bool) (*client.Client, func() error, error)
	// Rotate replaces the installation key of a data directory on which no
	// server runs, and returns the ids of the old and the new one. Mandatory.
	Rotate func(ctx context.Context, c *config.Config) (was, now string, err error)
	// Restore reads a backup into the empty database of c, which no server uses.
	// Mandatory.
	Restore func(ctx context.Context, c *config.Config, in io.Reader, o RestoreOptions) (backup.Summary, error)
	// Check says what is wrong with the files and plugins that a configuration names, and
	// what of it could not be looked at here. Mandatory.
	Check func(ctx context.Context, c *config.Config) (warnings []string, err error)
	// Conceal keeps this process's environment and memory from other processes of the
	// same user, where the system can. Mandatory.
	Conceal func() error
	// Version is this build's version. Mandatory.
	Version string
	// Stdin, Stdout and Stderr are the process's streams. Mandatory.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Lookup reads the environment. Mandatory.
	Lookup func(string) (string, bool)
}

// ServeOptions is what the command line says about a node.
type ServeOptions struct {
	Config   *config.Config
	FromFile bool // a configuration file was given; otherwise the defaults are in force
	File     string
	// Load reads File again, with what the command line adds to it. If nil,
	// there is no file.
	Load func() (*config.Config, error)
}

// RestoreOptions is what the command line says about a restore.
type RestoreOptions struct {
	Passphrase  redact.Secret // of the keys; zero: none was given
	WithoutKeys bool
}

// The exit codes.
const (
	exitOK       = 0
	exitFindings = 1
	exitUsage    = 2
	exitRuntime  = 3
)

// codeError ends the program with a code; without a message it is silent.
type codeError struct {
	code int
	msg  string
}

func (e codeError) Error() string { return e.msg }

func usageError(format string, args ...any) error {
	return codeError{exitUsage, fmt.Sprintf(format, args...)}
}

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, d Deps) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, args, d)
	var coded codeError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		if coded.msg != "" {
			d.complain(coded.msg)
		}
		return coded.code
	}
	d.complain(printable(err.Error()))
	return exitRuntime
}

// complain says on standard error what is wrong, or what somebody should know.
func (d Deps) complain(text string) {
	fmt.Fprintln(sentences(onScreen(d.Stderr, false)), "cordon:", text)
}

// quit is how kong's --help and --version leave the parser.
type quit int

func run(ctx context.Context, args []string, d Deps) error {
	g := &grammar{}
	parser, err := newParser(g, d)
	if err != nil {
		return fmt.Errorf("building the command line: %w", err)
	}
	if args = asked(args); len(args) == 0 {
		return usageError("say what to do: cordon serve starts a node, cordon demo shows what it catches, cordon --help lists all commands")
	}
	k, left, err := parse(parser, args)
	if left || err != nil {
		return err
	}
	if verb, _, _ := strings.Cut(k.Command(), " "); verb != "scan" && reportOnly(g.Format) {
		return usageError("--format %s is for cordon scan; there are text, json and jsonl", g.Format)
	}
	k.BindTo(ctx, (*context.Context)(nil))
	d.Stdout = onScreen(d.Stdout, g.Wide)
	return unreachable(g.Server, inOurWords(k.Selected(), k.Run(&session{Deps: d, global: g.Global})))
}

// newParser reads command lines into g.
func newParser(g *grammar, d Deps) (*kong.Kong, error) {
	parser, err := kong.New(g, kong.Name("cordon"),
		kong.Description("Watches logs, gossip, what programs send and what attackers try; catches secrets that should not be there. Start with: cordon serve, then cordon demo"),
		kong.Writers(d.Stdout, d.Stderr), kong.Exit(func(code int) { panic(quit(code)) }),
		kong.ConfigureHelp(helpOptions()), kong.Help(printHelp), kong.ValueFormatter(valueHelp), spans(), kong.UsageOnError(),
		kong.Vars{"version": d.Version, "confidence": fmt.Sprint(detect.DefaultMinConfidence), "presets": presetNames()})
	if err != nil {
		return nil, err
	}
	addAliases(parser.Model)
	groupGlobals(parser.Model)
	return parser, nil
}

// reportOnly says whether a format is one of scan's reports.
func reportOnly(format string) bool { return format != "text" && format != "json" && format != "jsonl" }

// parse reads the arguments; left says that --help or --version has answered.
func parse(parser *kong.Kong, args []string) (k *kong.Context, left bool, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case quit:
			left, err = true, codeOf(int(r))
		default:
			panic(r)
		}
	}()
	if k, err = parser.Parse(args); err != nil {
		err = usageError("%s; %s --help shows what there is", plainly(err), nearest(err))
	}
	return k, false, err
}

// plainly says what kong found wrong without the terms of programs.
func plainly(err error) string {
	return strings.NewReplacer("expected a valid 64 bit int but got", "give a whole number, not", "expected a float but got", "give a number, not").Replace(err.Error())
}

// nearest is the command that was understood before something was not.
func nearest(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil && p.Context.Selected() != nil {
		return strings.Join(append([]string{"cordon"}, pathOf(p.Context.Selected())...), " ")
	}
	return "cordon"
}

func codeOf(code int) error {
	if code == 0 {
		return nil
	}
	return codeError{code: exitUsage}
}
