package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
)

// applyEnv lets CORDON_SECTION_KEY override the file, after the two variables
// that the sentinel's plan names.
func applyEnv(c *Config, lookup func(string) (string, bool)) error {
	if url, ok := lookup("DATABASE_URL"); ok && url != "" {
		c.Store.URL = url
	}
	if path, ok := lookup("HYPERCORE_LOG_PATH"); ok && path != "" {
		c.addHypercore(path)
	}
	for _, v := range variables(reflect.TypeFor[Config](), "CORDON", nil) {
		text, ok := lookup(v.name)
		if !ok || text == "" {
			continue
		}
		if err := set(field(reflect.ValueOf(c).Elem(), v.index), text); err != nil {
			return fmt.Errorf("environment variable %s: %w", v.name, err)
		}
	}
	return nil
}

func (c *Config) addHypercore(path string) {
	if c.Leak == nil {
		c.Leak = &Leak{}
	}
	c.Leak.Sources = append(c.Leak.Sources, Source{ID: "hypercore", Kind: "hypercore", Path: path})
}

type variable struct {
	name  string
	index []int
}

// variables walks the sections; what is neither a section nor a pointer to one
// is a key.
func variables(t reflect.Type, prefix string, index []int) []variable {
	var out []variable
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "-" {
			continue
		}
		name := prefix + "_" + strings.ToUpper(key)
		at := append(append([]int(nil), index...), i)
		if section, ok := sectionType(f.Type); ok {
			out = append(out, variables(section, name, at)...)
			continue
		}
		out = append(out, variable{name, at})
	}
	return out
}

func sectionType(t reflect.Type) (reflect.Type, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[Secret]() {
		return nil, false
	}
	return t, true
}

// field walks to a key and makes the sections on the way.
func field(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

func set(v reflect.Value, text string) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), text)
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if v.Kind() == reflect.String {
		v.SetString(text)
		return nil
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), v.Addr().Interface(), yaml.Strict()); err != nil {
		return fmt.Errorf("not a value of this key: %s", yaml.FormatError(err, false, false))
	}
	return nil
}
