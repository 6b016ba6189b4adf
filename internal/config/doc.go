// Package config reads cordon.yaml: one file, unknown keys refused with their
// line, every key also as an environment variable, secrets by reference.
//
// Precedence, lowest first: defaults, file, DATABASE_URL and
// HYPERCORE_LOG_PATH, CORDON_* variables, command line.
//
// To add a key: add the field with its yaml tag, a jsonschema description and,
// if it can be wrong, a line in check.go. The variable's name, `config schema`
// and the reference follow from the struct.
//
// Level 1: it may import L0.
package config
