package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// node is what the reference says of one key, read from the schema.
type node struct {
	Type        string          `json:"type"`
	Description string          `json:"description"`
	Enum        []any           `json:"enum"`
	Minimum     *float64        `json:"minimum"`
	Maximum     *float64        `json:"maximum"`
	Required    []string        `json:"required"`
	Properties  json.RawMessage `json:"properties"`
	Items       *node           `json:"items"`
	Additional  json.RawMessage `json:"additionalProperties"`
}

const referenceIntro = `<!-- Generated from internal/config by "make generate". Do not edit. -->

# Configuration

One file, ` + "`cordon.yaml`" + `, given with ` + "`--config`" + ` or ` + "`CORDON_CONFIG`" + `. An unknown key is an error that names its line.
With a file, a section that is absent is off (` + "`api`" + `, ` + "`store`" + `, ` + "`anomaly`" + ` and ` + "`respond`" + ` excepted); without one, safe defaults on loopback are in force.

- ` + "`cordon config check FILE`" + ` says what is wrong with a file and with those that it names, ` + "`cordon config print`" + ` what is in force, ` + "`cordon config schema`" + ` gives your editor the JSON Schema.
- Every key that is not in a list can be given in the environment: ` + "`api.listen`" + ` is ` + "`CORDON_API_LISTEN`" + `. ` + "`DATABASE_URL`" + ` stands for ` + "`store.url`" + `, and ` + "`HYPERCORE_LOG_PATH`" + ` adds a Hypercore source.
- A secret is given by reference: ` + "`env:NAME`" + ` or ` + "`file:PATH`" + `. One written into the file works, with a warning.
`

// reference renders the page docs/configuration.md from the schema.
func reference(schema []byte) ([]byte, error) {
	var root node
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(referenceIntro)
	err := each(root.Properties, func(name string, section node) error {
		fmt.Fprintf(&b, "\n## %s\n%s\n\n| key | type | meaning |\n|---|---|---|\n", name, section.Description)
		return rows(&b, name, section)
	})
	return b.Bytes(), err
}

// rows writes a line for each key below a section, at any depth.
func rows(b *bytes.Buffer, prefix string, section node) error {
	return each(section.Properties, func(name string, n node) error {
		path := prefix + "." + name
		must := ""
		for _, r := range section.Required {
			if r == name {
				must = " Required."
			}
		}
		below := n
		if n.Items != nil {
			path, below = path+"[]", *n.Items
		}
		fmt.Fprintf(b, "| `%s` | %s | %s%s |\n", path, n.kind(), strings.ReplaceAll(n.Description, "|", `\|`), must)
		return rows(b, path, below)
	})
}

// kind is the type of a key as a reader wants it.
func (n node) kind() string {
	switch {
	case len(n.Enum) > 0:
		var words []string
		for _, e := range n.Enum {
			words = append(words, fmt.Sprintf("`%v`", e))
		}
		return strings.Join(words, ", ")
	case n.Items != nil:
		return "list of " + n.Items.kind()
	case n.Minimum != nil && n.Maximum != nil:
		return fmt.Sprintf("%s, %v to %v", n.Type, *n.Minimum, *n.Maximum)
	case n.Type == "object":
		return "section"
	}
	return n.Type
}

// each calls f for the members of a JSON object in the order of the text.
func each(object json.RawMessage, f func(name string, n node) error) error {
	if len(object) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var n node
		if err := d.Decode(&n); err != nil {
			return err
		}
		if err := f(name.(string), n); err != nil {
			return err
		}
	}
	return nil
}

func TestReferenceIsFresh(t *testing.T) {
	const file = "../../docs/configuration.md"
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	b, err := reference(schema)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(b, committed) {
		t.Errorf("%s is stale (%v): run make generate", file, err)
	}
}

// A key without a meaning helps nobody.
func TestEveryKeyIsExplained(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := json.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	var look func(path string, n node)
	look = func(path string, n node) {
		if n.Description == "" {
			t.Errorf("%s has no description", path)
		}
		if n.Items != nil {
			n.Properties = n.Items.Properties
		}
		if err := each(n.Properties, func(name string, below node) error { look(path+"."+name, below); return nil }); err != nil {
			t.Error(err)
		}
	}
	if err := each(root.Properties, func(name string, n node) error { look(name, n); return nil }); err != nil {
		t.Fatal(err)
	}
}
