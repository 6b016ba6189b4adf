package condition

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Kind is the type of a variable.
type Kind int

// The kinds of variables, each with the Go type of its values.
const (
	Text    Kind = iota + 1 // string
	Truth                   // bool
	Whole                   // int64
	Number                  // float64
	Moment                  // time.Time
	Texts                   // []string
	ByNames                 // what Named returns
)

func (k Kind) cel() *cel.Type {
	switch k {
	case Text:
		return cel.StringType
	case Truth:
		return cel.BoolType
	case Whole:
		return cel.IntType
	case Number:
		return cel.DoubleType
	case Moment:
		return cel.TimestampType
	case Texts:
		return cel.ListType(cel.StringType)
	}
	return cel.MapType(cel.StringType, cel.StringType)
}

// Variables answers what a condition asks for, by name. The value has the Go type of
// the variable's Kind.
type Variables interface {
	Value(name string) any
}

// Map are variables that are known beforehand.
type Map map[string]any

// Value implements Variables.
func (m Map) Value(name string) any { return m[name] }

// Named are texts by name as a value of kind ByNames. One that is not there is empty,
// as a field that is left out: a condition does not fail for want of it.
func Named(texts map[string]string) any {
	return named{types.NewStringStringMap(types.DefaultTypeAdapter, texts), texts}
}

type named struct {
	traits.Mapper
	texts map[string]string
}

// Find implements traits.Mapper.
func (n named) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return n.Mapper.Find(key)
	}
	return types.String(n.texts[string(name)]), true
}

// Get implements traits.Indexer.
func (n named) Get(key ref.Val) ref.Val {
	v, _ := n.Find(key)
	return v
}

// activation is Variables as CEL asks for them.
type activation struct{ Variables }

// ResolveName implements cel.Activation.
func (a activation) ResolveName(name string) (any, bool) {
	v := a.Value(name)
	if t, ok := v.(time.Time); ok {
		return types.Timestamp{Time: t}, true
	}
	return v, v != nil
}

// Parent implements cel.Activation.
func (activation) Parent() cel.Activation { return nil }
