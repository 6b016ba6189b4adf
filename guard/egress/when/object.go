package when

import (
	"errors"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The types of program and time. Their names are seen in messages.
var (
	programType = cel.ObjectType("program")
	timeType    = cel.ObjectType("time")
)

// moment is a point in time, on the clock of its location.
type moment struct{ time.Time }

// object is a value with fields.
type object struct {
	kind  *cel.Type
	value any // *policy.Program or moment
}

// field is one of an object: its value, and whether there is one.
type field struct {
	kind *cel.Type
	get  func(object any) (ref.Val, bool)
}

// fieldsOf lists the fields of a type.
func fieldsOf(name string) map[string]field {
	switch name {
	case programType.TypeName():
		return map[string]field{
			"exe":     ofProgram(func(p *policy.Program) string { return p.Exe }),
			"cmdline": ofProgram(func(p *policy.Program) string { return p.Cmdline }),
			"cwd":     ofProgram(func(p *policy.Program) string { return p.Cwd }),
			"user":    ofProgram(func(p *policy.Program) string { return p.User }),
			"jail":    ofProgram(func(p *policy.Program) string { return p.Jail }),
		}
	case timeType.TypeName():
		return map[string]field{
			"hour":    ofTime(cel.IntType, func(t time.Time) ref.Val { return types.Int(t.Hour()) }),
			"minute":  ofTime(cel.IntType, func(t time.Time) ref.Val { return types.Int(t.Minute()) }),
			"weekday": ofTime(cel.StringType, func(t time.Time) ref.Val { return weekday(t) }),
			"now":     ofTime(cel.TimestampType, func(t time.Time) ref.Val { return types.Timestamp{Time: t} }),
		}
	}
	return nil
}

func weekday(t time.Time) ref.Val {
	return types.String([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[t.Weekday()])
}

func ofProgram(read func(*policy.Program) string) field {
	return field{cel.StringType, func(o any) (ref.Val, bool) {
		p, ok := o.(*policy.Program)
		if !ok {
			return nil, false
		}
		text := read(p)
		return types.String(text), text != "" && len(text) <= maxText
	}}
}

func ofTime(kind *cel.Type, read func(time.Time) ref.Val) field {
	return field{kind, func(o any) (ref.Val, bool) {
		m, ok := o.(moment)
		return read(m.UTC().In(m.Location())), ok && !m.IsZero()
	}}
}

// ConvertToNative implements ref.Val.
func (o object) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a " + o.kind.TypeName() + " is nothing else")
}

// ConvertToType implements ref.Val.
func (o object) ConvertToType(to ref.Type) ref.Val {
	if to == types.TypeType {
		return o.kind
	}
	return types.NewErr("a %s is nothing else", o.kind.TypeName())
}

// Equal implements ref.Val.
func (o object) Equal(other ref.Val) ref.Val {
	b, ok := other.(object)
	return types.Bool(ok && o == b)
}

// Type implements ref.Val.
func (o object) Type() ref.Type { return o.kind }

// Value implements ref.Val. It is what fields are read from.
func (o object) Value() any { return o.value }

// provider tells CEL which fields there are.
type provider struct{ types.Provider }

// FindStructType implements types.Provider.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if fieldsOf(name) != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldType implements types.Provider. A field without a value is an
// error to whoever reads it.
func (p provider) FindStructFieldType(name, key string) (*types.FieldType, bool) {
	fields := fieldsOf(name)
	if fields == nil {
		return p.Provider.FindStructFieldType(name, key)
	}
	f, ok := fields[key]
	if !ok {
		return nil, false
	}
	return &types.FieldType{
		Type:  f.kind,
		IsSet: func(o any) bool { _, ok := f.get(o); return ok },
		GetFrom: func(o any) (any, error) {
			v, ok := f.get(o)
			if !ok {
				return nil, errUnknown
			}
			return v, nil
		},
	}, true
}
