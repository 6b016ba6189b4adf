// Package model says how likely a value is a secret that no format gives away:
// what stands behind a name such as api_key or password. It is a linear model:
// features with names, each of which adds its weight in log-odds, and the
// logistic function of their sum is the confidence. The same code that scores a
// value lists its features, so that an explanation is never another story.
//
// The weights are fixed. They were set on labelled cases and on text with
// nothing planted in it; docs/accuracy.md has the measurements. The one table is
// that of letter pairs (gen counts it from Go's standard library).
//
// It imports the standard library only. To add a feature, give it a name in the
// file of what it looks at (name, shape, syntax, place), call add where the
// score is made up, and measure with bench/accuracy what it changes.
package model
