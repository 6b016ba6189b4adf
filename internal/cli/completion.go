package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Of which shell."`
}

func (c *completionCmd) Run(s *session) error {
	_, err := fmt.Fprint(s.Stdout, completionScripts()[c.Shell])
	return err
}

// completionScripts are what shells read. Each asks this program what may come next, so
// that a script stays good when commands are new.
func completionScripts() map[string]string {
	return map[string]string{
		"bash": `# cordon completion bash > ~/.local/share/bash-completion/completions/cordon
_cordon() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _cordon cordon
`,
		"zsh": `#compdef cordon
# cordon completion zsh > a folder of $fpath/_cordon
_cordon() {
  local -a found
  found=(${(f)"$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
if [[ ${funcstack[1]} == _cordon ]]; then _cordon; else compdef _cordon cordon; fi
`,
		"fish": `# cordon completion fish > ~/.config/fish/completions/cordon.fish
function __cordon_complete
    set -l typed (commandline -opc)
    set -l last (commandline -ct)
    $typed[1] complete -- $typed[2..-1] "$last" 2>/dev/null
end
complete -c cordon -a '(__cordon_complete)'
`,
	}
}

// completeCmd is asked by the scripts of completionCmd.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"What was typed behind cordon, the last word perhaps in part."`
}

func (c *completeCmd) Run(k *kong.Context, s *session) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, w := range candidates(k.Model.Node, words) {
		if _, err := fmt.Fprintln(s.Stdout, w); err != nil {
			return err
		}
	}
	return nil
}

// candidates are what the last word can become: commands, flags, or the values of a flag
// or an argument that has only few. Where a file or a name belongs there are none.
func candidates(top *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	at := follow(top, words[:len(words)-1])
	var all []string
	switch {
	case at.flag != nil:
		all = at.flag.EnumSlice()
	case strings.HasPrefix(last, "-"):
		all = flagsOf(at.node)
	case len(at.node.Children) > 0:
		all = commandsOf(at.node)
	case at.given < len(at.node.Positional):
		all = at.node.Positional[at.given].EnumSlice()
	}
	return slices.DeleteFunc(all, func(w string) bool { return w == "" || !strings.HasPrefix(w, last) })
}

// typed is where a line that is not ready yet has come to.
type typed struct {
	node  *kong.Node
	flag  *kong.Flag // that waits for its value; nil: none
	given int        // arguments of the node
}

func follow(top *kong.Node, words []string) typed {
	at := typed{node: top}
	for _, w := range words {
		at = at.next(w)
	}
	return at
}

func (at typed) next(word string) typed {
	if at.flag != nil {
		at.flag = nil
		return at
	}
	if strings.HasPrefix(word, "-") {
		at.flag = waiting(at.node, word)
		return at
	}
	for _, c := range at.node.Children {
		if c.Name == word || slices.Contains(c.Aliases, word) {
			return typed{node: c}
		}
	}
	at.given++
	return at
}

// waiting is the flag that a word names, if its value is the next word.
func waiting(n *kong.Node, word string) *kong.Flag {
	for _, level := range n.AllFlags(true) {
		for _, f := range level {
			short := f.Short != 0 && word == "-"+string(f.Short)
			if (word == "--"+f.Name || short) && !f.IsBool() {
				return f
			}
		}
	}
	return nil
}

func flagsOf(n *kong.Node) (names []string) {
	for _, level := range n.AllFlags(true) {
		for _, f := range level {
			names = append(names, "--"+f.Name)
		}
	}
	slices.Sort(names)
	return names
}

func commandsOf(n *kong.Node) (names []string) {
	for _, c := range n.Children {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}
