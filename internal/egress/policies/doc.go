// Package policies keeps the egress policy in force: it reads the policy file
// when that changes, keeps every version with who made it and why, and answers
// decisions with the last version that was good.
//
// The file is what people edit; the store is what was in force, and when. A
// changed file becomes a version once it has stood still for a moment and
// parses and passes its own tests; until then the last good version stays in
// force and Problem says what is wrong. A change through Put, Edit or Rollback
// writes the file, then the store, so that whichever of the two a crash leaves
// behind, the next start finds the newer one.
//
// Versions are a node's own: each node has its file.
//
// Level 2, part of the egress sensor: it may import L0, L1 and
// guard/egress/policy, with guard/egress/when for its conditions.
package policies
