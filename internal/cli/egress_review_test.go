package cli

import (
	"testing"

	"go.cordon.dev/cordon/internal/api"
)

// A verdict for every program needs no --program, though several asked.
func TestAVerdictForEveryProgramIsOneForAllThatAsked(t *testing.T) {
	two := []api.EgressEndpoint{{Node: "n", Host: "a.example", Port: 443}, {Node: "n", Host: "a.example", Port: 443, Program: "/usr/bin/curl"}}
	ports, nodes := []api.EgressEndpoint{two[0], two[1]}, []api.EgressEndpoint{two[0], two[1]}
	ports[1].Port, nodes[1].Node = 80, "m"
	for _, tt := range []struct {
		name string
		c    egressReviewCmd
		all  []api.EgressEndpoint
		want bool
	}{
		{"always", egressReviewCmd{Allow: "always"}, two, true},
		{"denylist", egressReviewCmd{Deny: true, Denylist: true}, two, true},
		{"once", egressReviewCmd{Allow: "once"}, two, false},
		{"host", egressReviewCmd{Allow: "host"}, two, false},
		{"deny", egressReviewCmd{Deny: true}, two, false},
		{"two ports", egressReviewCmd{Allow: "always"}, ports, false},
		{"two nodes", egressReviewCmd{Allow: "always"}, nodes, false},
	} {
		if got := tt.c.forAll(tt.all); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
