package when

import (
	"cmp"
	"errors"
	"net/netip"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// variables are what a condition may name.
func variables() []cel.EnvOption {
	list := []cel.EnvOption{cel.CustomTypeProvider(provider{types.NewEmptyRegistry()})}
	for _, name := range []string{"host", "address", "protocol", "method", "path", "entry"} {
		list = append(list, cel.Variable(name, cel.StringType))
	}
	return append(list, cel.Variable("port", cel.IntType), cel.Variable("tls", cel.BoolType),
		cel.Variable("program", programType), cel.Variable("time", timeType))
}

// request gives CEL the variables of one request.
type request struct {
	*policy.Request
	later []*cel.AttributePatternType // variables that are not known yet
}

// activation is what CEL evaluates with.
func activation(r *policy.Request) (cel.Activation, error) {
	q := &request{Request: r}
	q.findLater()
	if len(q.later) == 0 {
		return q, nil
	}
	return cel.PartialVars(q, q.later...)
}

func (q *request) findLater() {
	if _, ok := q.dialed(); !ok {
		q.awaits("address")
	}
	if q.Protocol == "" {
		q.awaits("protocol", "tls")
	}
	if q.hidden() && q.RequestComes() {
		q.awaits("method", "path")
	}
	if q.Question() { // the connection comes later
		q.awaits("port", "protocol", "tls", "method", "path", "entry")
	}
}

func (q *request) awaits(names ...string) {
	for _, name := range names {
		q.later = append(q.later, cel.AttributePattern(name))
	}
}

// hidden reports whether there is no request of HTTP to be seen. CONNECT is the
// proxy's.
func (q *request) hidden() bool { return q.Method == "" || q.Method == "CONNECT" }

// dialed is the address that would be dialed.
func (q *request) dialed() (netip.Addr, bool) {
	if q.Address.IsValid() {
		return q.Address.Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(q.Host)
	return a, err == nil
}

var (
	errHidden  = errors.New("there is no request of HTTP to be seen")
	errUnknown = errors.New("it is not known")
)

// ResolveName implements cel.Activation.
func (q *request) ResolveName(name string) (any, bool) {
	switch name {
	case "host":
		a, _ := q.dialed()
		return types.String(cmp.Or(q.Host, a.String())), true
	case "port":
		return types.Int(q.Port), true
	case "address":
		a, _ := q.dialed()
		return types.String(a.String()), true
	case "protocol":
		return types.String(q.Protocol), true
	case "tls":
		return types.Bool(q.TLS || q.Protocol == policy.TLS || q.Protocol == policy.HTTPS || q.Protocol == policy.WSS), true
	case "program":
		return object{programType, &q.Program}, true
	case "time":
		return object{timeType, moment{q.Time}}, true
	}
	return q.text(name)
}

// text resolves what may be missing for good.
func (q *request) text(name string) (any, bool) {
	value, missing := "", errUnknown
	switch name {
	case "method":
		if value, missing = q.Method, errHidden; q.hidden() {
			value = ""
		}
	case "path": // "" where its clean form is not known
		if value, missing = q.Path, errHidden; q.hidden() {
			value = ""
		}
	case "entry":
		value = q.Entry
	default:
		return nil, false
	}
	if value == "" || len(value) > maxText {
		return types.WrapErr(missing), true
	}
	return types.String(value), true
}

// Parent implements cel.Activation.
func (q *request) Parent() cel.Activation { return nil }
