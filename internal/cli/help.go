package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"go.cordon.dev/cordon/internal/event"
)

// exitCodes is what every help ends with.
const exitCodes = "Exit codes: 0 fine, 1 found, denied or wrong, 2 usage, 3 it did not work."

// helpOptions is the form of every help: at most 80 columns, what a command has of its
// own before what all have.
func helpOptions() kong.HelpOptions {
	return kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true}
}

// printHelp is kong's help, with examples and exit codes below it.
func printHelp(o kong.HelpOptions, k *kong.Context) error {
	forgetAliases(k.Model.Node) // what is typed has been understood by now
	if err := kong.DefaultHelpPrinter(o, k); err != nil {
		return err
	}
	return printExamples(k.Stdout, k.Selected())
}

func printExamples(w io.Writer, command *kong.Node) error {
	var b strings.Builder
	if lines := examplesOf(command); len(lines) > 0 {
		fmt.Fprintf(&b, "\nExamples:\n  %s\n", strings.Join(lines, "\n  "))
	}
	b.WriteString("\n" + exitCodes + "\n")
	_, err := io.WriteString(sentences(onScreen(w, false)), b.String())
	return err
}

// examplesOf are the examples of a command; a group of commands and the program have
// none.
func examplesOf(command *kong.Node) []string {
	if command == nil || len(command.Children) > 0 {
		return nil
	}
	var lines []string
	for line := range strings.Lines(examples) {
		line = strings.TrimSpace(line)
		if _, typed, ok := strings.Cut(line, "cordon "); ok && isOf(command, strings.Fields(typed)) {
			lines = append(lines, line)
		}
	}
	return lines
}

// isOf reports whether typed words, without the program's name, begin with a command.
func isOf(command *kong.Node, typed []string) bool {
	path := pathOf(command)
	return len(typed) >= len(path) && slices.Equal(typed[:len(path)], path)
}

// pathOf are the words of a command, by its first name.
func pathOf(n *kong.Node) (words []string) {
	for ; n != nil && n.Parent != nil; n = n.Parent {
		words = append(words, n.Name)
	}
	slices.Reverse(words)
	return words
}

// valueHelp is the help of a flag or an argument; it names what may be given.
func valueHelp(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	named := func(choice string) bool { return choice == "" || strings.Contains(help, choice) }
	if choices := v.EnumSlice(); !slices.ContainsFunc(choices, func(c string) bool { return !named(c) }) {
		return help
	}
	return strings.TrimSpace(help + " One of: " + strings.Join(v.EnumSlice(), ", ") + ".")
}

// groupGlobals puts what every command has behind what it has of its own.
func groupGlobals(app *kong.Application) {
	group := &kong.Group{Key: "global", Title: "Flags of every command:"}
	for _, f := range app.Flags {
		f.Group = group
	}
}

// presetNames are what a webhook may be told of at once.
func presetNames() string {
	var names []string
	for _, p := range event.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// asked turns "cordon help COMMAND" into what it means.
func asked(args []string) []string {
	if len(args) == 0 || args[0] != "help" {
		return args
	}
	return append(slices.Clone(args[1:]), "--help")
}
