package rules

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// What an import does with a rule.
const (
	ItemAdd       = "add"
	ItemUpdate    = "update"
	ItemUnchanged = "unchanged"
	ItemRefused   = "refused"
)

// Item is what an import does with one rule of a file.
type Item struct {
	RuleID string
	Line   int
	Action string
	Detail string // what is different, or why it is refused
}

// ImportResult is what an import did, or would do.
type ImportResult struct {
	Format string
	Items  []Item              // in the order of the file
	Notes  []detect.ImportNote // what of taken rules has no effect here
}

// Import takes the rules of a file over as imported rules: new ones are added,
// those of an earlier import are made as the file says. Rules that are not in
// the file stay. With dryRun nothing is changed.
func (m *Manager) Import(ctx context.Context, name string, data []byte, dryRun bool, d Decision) (ImportResult, error) {
	if len(data) > maxFile {
		return ImportResult{}, &InputError{"content", fmt.Sprintf("is larger than %d bytes", maxFile)}
	}
	in, err := detect.ImportRules(filepath.Base(name), data)
	if err != nil {
		return ImportResult{}, &InputError{"content", err.Error()}
	}
	var out ImportResult
	_, err = m.change(ctx, func(c *catalog) ([]Change, error) {
		p := importPlan{manager: m, catalog: c, decision: d, from: filepath.Base(name)}
		if err := p.make(in); err != nil {
			return nil, err
		}
		out = p.result(in)
		if dryRun {
			return nil, nil
		}
		return p.changes, nil
	})
	return out, err
}

// importPlan finds out what an import does.
type importPlan struct {
	manager  *Manager
	catalog  *catalog
	decision Decision
	from     string
	items    []Item
	changes  []Change
}

func (p *importPlan) make(in detect.Import) error {
	for i, r := range in.Rules {
		item, err := p.rule(r, in.Format)
		if err != nil {
			return err
		}
		item.Line = in.Lines[i]
		p.items = append(p.items, item)
	}
	return nil
}

func (p *importPlan) rule(r detect.Rule, format string) (Item, error) {
	known := p.catalog.byID[r.ID]
	item := Item{RuleID: r.ID, Action: ItemAdd}
	action, before := actionAdd, detect.Rule{}
	if known != nil {
		if why := taken(known.Origin); why != "" {
			return Item{RuleID: r.ID, Action: ItemRefused, Detail: why}, nil
		}
		action, item.Action, before = actionUpdate, ItemUpdate, known.Rule
		if format == detect.FormatGitleaks { // which cannot say it: keep what operators said
			r.Active = p.catalog.rows[r.ID].active()
		}
	}
	row, err := ownRow(r, Imported, p.from)
	if err := p.manager.sound(detect.Rule{}, r, err); err != nil {
		return Item{RuleID: r.ID, Action: ItemRefused, Detail: err.Error()}, nil
	}
	if known == nil && own(p.catalog.rows)+len(p.changes) >= maxOwn {
		return Item{RuleID: r.ID, Action: ItemRefused, Detail: fmt.Sprintf("there are %d custom and imported rules already", maxOwn)}, nil
	}
	if known != nil && alike(row.Definition, p.catalog.rows[r.ID].Definition) {
		item.Action = ItemUnchanged
		return item, nil
	}
	step, err := p.manager.step(action, p.catalog, row, before, r, p.decision)
	p.changes = append(p.changes, step...)
	if action == actionUpdate {
		item.Detail = summary(before, r)
	}
	return item, err
}

func taken(o Origin) string {
	switch o {
	case Builtin:
		return "a builtin rule has this id; change that one, or give this one another id"
	case File:
		return "a rule from the configuration's files has this id; change it there, or give this one another id"
	case Custom:
		return "a custom rule has this id; remove that one first, or give this one another id"
	}
	return ""
}

// result joins the rules that were read with those that could not be, in the
// order of the file.
func (p *importPlan) result(in detect.Import) ImportResult {
	out := ImportResult{Format: in.Format, Items: p.items}
	for _, n := range in.Notes {
		if n.Refused {
			out.Items = append(out.Items, Item{RuleID: n.Rule, Line: n.Line, Action: ItemRefused, Detail: n.Reason})
			continue
		}
		out.Notes = append(out.Notes, n)
	}
	slices.SortStableFunc(out.Items, func(a, b Item) int { return a.Line - b.Line })
	return out
}
