package condition

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Document is a YAML file in which conditions stand.
type Document struct{ tree *ast.File }

// ReadDocument reads a file of at most so many bytes into a struct. A key that the
// struct does not have is an error, and so is an anchor: a short file shall not become
// a long one.
func ReadDocument(text []byte, most int, into any) (*Document, error) {
	if len(text) > most {
		return nil, fmt.Errorf("the document has more than %d bytes", most)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	if err := refuseAnchors(tree); err != nil {
		return nil, err
	}
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return &Document{tree}, nil
	}
	return nil, errors.New(yaml.FormatError(err, false, false))
}

func refuseAnchors(f *ast.File) error {
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		for _, kind := range []ast.NodeType{ast.AliasType, ast.AnchorType, ast.MergeKeyType} {
			if found := ast.Filter(kind, doc.Body); len(found) > 0 {
				at := found[0].GetToken().Position
				return fmt.Errorf("[%d:%d] anchors, aliases and merge keys are not known here; write it out", at.Line, at.Column)
			}
		}
	}
	return nil
}

// Line is the line of a place such as $.rules[2].when, from 1; 0 when there is none.
func (d *Document) Line(place string) int {
	path, err := yaml.PathString(place)
	if err != nil {
		return 0
	}
	node, err := path.FilterFile(d.tree)
	if err != nil || node == nil {
		return 0
	}
	return node.GetToken().Position.Line
}
