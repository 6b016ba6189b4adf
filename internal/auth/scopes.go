package auth

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Scopes narrow what an API key may do within its role: areas of the API with
// :read or :write behind each, sorted, with spaces between (the form of OAuth's
// scope, RFC 6749 section 3.3). Empty means all that the role may do. Writing
// does not include reading: who reports events need not see them.
type Scopes string

// maxScopes bounds how many a key has.
const maxScopes = 32

var scopeForm = regexp.MustCompile(`^[a-z][a-z-]{0,31}:(read|write)$`)

// ParseScopes puts a list of scopes into their form; an *InputError names the
// one that is wrong. Which areas there are, it does not know: the API checks.
func ParseScopes(list []string) (Scopes, error) {
	if len(list) > maxScopes {
		return "", &InputError{"scopes", fmt.Sprintf("are more than %d", maxScopes)}
	}
	for _, s := range list {
		if !scopeForm.MatchString(s) {
			return "", &InputError{"scopes", fmt.Sprintf("%.64q is not AREA:read or AREA:write, such as leak:read", s)}
		}
	}
	sorted := slices.Sorted(slices.Values(list))
	return Scopes(strings.Join(slices.Compact(sorted), " ")), nil
}

// List returns the scopes one by one.
func (s Scopes) List() []string { return strings.Fields(string(s)) }

// Allow reports whether an operation of an area is within the scopes.
func (s Scopes) Allow(area string, write bool) bool {
	need := area + ":read"
	if write {
		need = area + ":write"
	}
	return s == "" || slices.Contains(s.List(), need)
}
