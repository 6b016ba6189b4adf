package policy

import "strings"

// names is a trie of labels, read from the right. It is one map, keyed by the node
// above and the label, so that a lookup costs one probe for each label of the host
// and stops at the first that no rule has.
type names struct {
	steps  map[step]int32
	places []place
}

// step leads from a node to the one below it.
type step struct {
	node  int32
	label string
}

// place is a node: the rules for the name itself and for all names below it.
type place struct{ exact, below []*matcher }

func newNames() *names { return &names{steps: map[step]int32{}, places: make([]place, 1)} }

// add files a rule under a normal name, "*.suffix" or "*".
func (n *names) add(host string, m *matcher) {
	suffix, wild := strings.CutPrefix(host, "*.")
	if host == "*" {
		suffix, wild = "", true
	}
	node := int32(0)
	for rest := suffix; rest != ""; {
		var label string
		rest, label = lastLabel(rest)
		node = n.child(node, label)
	}
	if wild {
		n.places[node].below = append(n.places[node].below, m)
	} else {
		n.places[node].exact = append(n.places[node].exact, m)
	}
}

func (n *names) child(node int32, label string) int32 {
	next, ok := n.steps[step{node, label}]
	if !ok {
		next = int32(len(n.places))
		n.places = append(n.places, place{})
		n.steps[step{node, label}] = next
	}
	return next
}

// lastLabel splits off the label behind the last dot.
func lastLabel(host string) (rest, label string) {
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 {
		return "", host
	}
	return host[:dot], host[dot+1:]
}

// each calls visit with the lists of rules that speak of a host, the most specific
// first, until it returns false.
func (n *names) each(host string, visit func([]*matcher) bool) {
	var path [maxHost/2 + 2]int32
	depth, rest, known := 0, host, true
	for rest != "" && known {
		var label string
		rest, label = lastLabel(rest)
		var next int32
		if next, known = n.steps[step{path[depth], label}]; known {
			depth++
			path[depth] = next
		}
	}
	if known {
		if !visit(n.places[path[depth]].exact) {
			return
		}
		depth--
	}
	for ; depth >= 0; depth-- {
		if !visit(n.places[path[depth]].below) {
			return
		}
	}
}
