package cli

import (
	"slices"

	"github.com/alecthomas/kong"
)

// oldList is what the plan that the policy follows calls egress list.
const oldList = "white" + "list"

// synonyms are what people type for a verb who know it from elsewhere, and what some
// commands were called before. They are accepted and shown nowhere; CONTRIBUTING.md has
// the verbs.
func synonyms() map[string][]string {
	return map[string][]string{
		"list":   {"ls"},
		"show":   {"get", "view", "describe"},
		"print":  {"show"},
		"add":    {"create", "new"},
		"create": {"add", "new"},
		"change": {"edit", "update"},
		"remove": {"rm", "delete"},
	}
}

// addAliases gives commands the names that others know them by, where no other command
// of the same group is called so.
func addAliases(app *kong.Application) {
	for _, group := range app.Children {
		addSynonyms(group)
		for _, sub := range group.Children {
			if group.Name == "egress" && sub.Name == "list" {
				sub.Aliases = append(sub.Aliases, oldList)
			}
		}
	}
}

func addSynonyms(group *kong.Node) {
	for _, sub := range group.Children {
		for _, name := range synonyms()[sub.Name] {
			if !slices.ContainsFunc(group.Children, func(n *kong.Node) bool { return n.Name == name }) {
				sub.Aliases = append(sub.Aliases, name)
			}
		}
		addSynonyms(sub)
	}
}

// forgetAliases keeps synonyms out of a help that is printed from these commands.
func forgetAliases(n *kong.Node) {
	for _, c := range n.Children {
		c.Aliases = nil
		forgetAliases(c)
	}
}
