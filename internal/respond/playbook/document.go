package playbook

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Bounds of a document and of a playbook.
const (
	MaxDocument   = 1 << 20 // bytes
	MaxPlaybooks  = 256
	maxTopics     = 32
	maxWords      = 2_000 // of a description or of what is said
	mostPerHour   = 1_000
	minWait       = time.Minute
	maxWait       = 7 * 24 * time.Hour
	minBlock      = time.Minute
	maxBlock      = 365 * 24 * time.Hour
	usualPerHour  = 20
	usualWait     = 24 * time.Hour
	usualBlockFor = 24 * time.Hour
)

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

type document struct {
	Playbooks []entry `yaml:"playbooks"`
}

type entry struct {
	ID          string      `yaml:"id"`
	Description string      `yaml:"description"`
	Topics      []string    `yaml:"topics"`
	When        string      `yaml:"when"`
	Mode        Mode        `yaml:"mode"`
	PerHour     int         `yaml:"per_hour"`
	Within      string      `yaml:"approve_within"`
	Block       *blockEntry `yaml:"block"`
	Quarantine  *leakEntry  `yaml:"quarantine"`
	KillSwitch  bool        `yaml:"kill_switch"`
	Notify      string      `yaml:"notify"`
}

type leakEntry struct {
	Fingerprint string `yaml:"fingerprint"`
	Message     string `yaml:"message"`
}

type blockEntry struct {
	For     string `yaml:"for"`
	UpTo    string `yaml:"up_to"`
	Address string `yaml:"address"`
}

// Parse reads a document. Everything that is wrong with it is said at once, each with
// the playbook that it is about.
func Parse(text []byte) ([]*Playbook, error) {
	var d document
	if _, err := condition.ReadDocument(text, MaxDocument, &d); err != nil {
		return nil, err
	}
	if len(d.Playbooks) > MaxPlaybooks {
		return nil, fmt.Errorf("there are %d playbooks; %d is the most", len(d.Playbooks), MaxPlaybooks)
	}
	var errs []error
	var all []*Playbook
	seen := map[string]bool{}
	for i, e := range d.Playbooks {
		p, err := e.playbook()
		if err == nil && seen[e.ID] {
			err = errors.New("id: is taken by an earlier playbook")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("playbooks[%d] %.64q: %w", i, e.ID, err))
			continue
		}
		seen[e.ID] = true
		all = append(all, p)
	}
	return all, errors.Join(errs...)
}

// playbook checks an entry and fills in what it leaves out.
func (e entry) playbook() (*Playbook, error) {
	p := &Playbook{
		ID: e.ID, Description: e.Description, Topics: e.Topics, When: e.When, KillSwitch: e.KillSwitch, Notify: e.Notify,
		Mode: cmp.Or(e.Mode, DryRun), PerHour: cmp.Or(e.PerHour, usualPerHour),
	}
	var err error
	if p.Within, err = lasts(e.Within, usualWait, minWait, maxWait); err != nil {
		return nil, fmt.Errorf("approve_within: %w", err)
	}
	if e.Block != nil {
		p.Block = &Block{Field: cmp.Or(e.Block.Address, "source_ip")}
		if p.Block.For, err = lasts(e.Block.For, usualBlockFor, minBlock, maxBlock); err != nil {
			return nil, fmt.Errorf("block.for: %w", err)
		}
		if p.Block.UpTo, err = lasts(e.Block.UpTo, 0, p.Block.For, maxBlock); err != nil {
			return nil, fmt.Errorf("block.up_to: %w", err)
		}
	}
	if e.Quarantine != nil {
		p.Quarantine = &Withheld{Field: e.Quarantine.Fingerprint, Message: e.Quarantine.Message}
		if e.Quarantine.Message == "" {
			p.Quarantine.Field = cmp.Or(e.Quarantine.Fingerprint, "fingerprint")
		}
	}
	if err := p.checkWords(); err != nil {
		return nil, err
	}
	return p, p.know()
}

func lasts(text string, usual, least, most time.Duration) (time.Duration, error) {
	if text == "" {
		return usual, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%.64q is no duration such as 24h or 90m", text)
	}
	if d < least || d > most {
		return 0, fmt.Errorf("%s is not between %s and %s", d, least, most)
	}
	return d, nil
}

func (p *Playbook) checkWords() error {
	switch {
	case !idForm.MatchString(p.ID):
		return errors.New("id: give 1 to 64 lower-case letters, digits, - or _")
	case !slices.Contains([]Mode{DryRun, Approve, Act}, p.Mode):
		return fmt.Errorf("mode: %.64q is not dry_run, approve or act", p.Mode)
	case p.PerHour < 1 || p.PerHour > mostPerHour:
		return fmt.Errorf("per_hour: %d is not between 1 and %d", p.PerHour, mostPerHour)
	case len(p.Topics) == 0 || len(p.Topics) > maxTopics:
		return fmt.Errorf("topics: give 1 to %d, such as anomaly.brute_force.detected", maxTopics)
	case len(p.Description) > maxWords || len(p.Notify) > maxWords:
		return fmt.Errorf("description, notify: are at most %d bytes", maxWords)
	case p.Block == nil && p.Quarantine == nil && !p.KillSwitch && p.Notify == "":
		return errors.New("it does nothing: give block, quarantine, kill_switch or notify")
	}
	return nil
}

// know learns what the events hold, and checks the condition against it.
func (p *Playbook) know() (err error) {
	for _, t := range p.Topics {
		if err := event.CheckPattern(t); err != nil {
			return fmt.Errorf("topics: %w", err)
		}
	}
	if p.fields, err = fieldsOf(p.Topics); err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	if p.Block != nil && p.fields[p.Block.Field] != condition.Text {
		return fmt.Errorf("block.address: data.%.64s is no text that all events of these topics have", p.Block.Field)
	}
	if p.Quarantine != nil {
		if err := p.Quarantine.know(p.fields); err != nil {
			return err
		}
	}
	if p.When == "" {
		return nil
	}
	if p.condition, err = compile(p.When, p.fields); err != nil {
		return fmt.Errorf("when: %w", err)
	}
	return nil
}

// know checks that events have the fields.
func (w Withheld) know(known fields) error {
	for _, f := range [][2]string{{"fingerprint", w.Field}, {"message", w.Message}} {
		if f[1] != "" && known[f[1]] != condition.Text {
			return fmt.Errorf("quarantine.%s: data.%.64s is no text that all events of these topics have", f[0], f[1])
		}
	}
	return nil
}
