package config

import (
	"reflect"
	"strings"
)

// Differences lists the keys whose values differ, such as api.listen, in the
// order of the file's sections. A section that one of the two does not have
// counts as one whose keys are all absent; when that is the only difference the
// section itself is named. Lists are compared as a whole.
func Differences(a, b *Config) []string {
	return differences(reflect.ValueOf(*a), reflect.ValueOf(*b), "")
}

func differences(a, b reflect.Value, prefix string) []string {
	var out []string
	for i := range a.NumField() {
		key, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("yaml"), ",")
		if key == "-" || !a.Type().Field(i).IsExported() {
			continue
		}
		name, x, y := prefix+key, a.Field(i), b.Field(i)
		if section, ok := sectionType(x.Type()); ok {
			below := differences(deref(x, section), deref(y, section), name+".")
			if len(below) == 0 && absent(x) != absent(y) {
				below = []string{name}
			}
			out = append(out, below...)
			continue
		}
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			out = append(out, name)
		}
	}
	return out
}

func absent(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }

// deref is what a section holds; an absent one holds nothing.
func deref(v reflect.Value, section reflect.Type) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		return reflect.Zero(section)
	}
	return v.Elem()
}
