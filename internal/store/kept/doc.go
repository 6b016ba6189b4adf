// Package kept spares SQLite from reading the same statement again and again.
//
// A statement that is given as text is compiled, run once and thrown away, and what
// builds statements for us writes values into their text, so that no two are alike.
// Compiling an INSERT into a table with eight indexes takes longer than the insert. A
// connection made here takes the values out of the text ([lift]), binds them, and keeps
// the compiled statements that it used last.
//
// It is meant for the connection of a store's writer: one goroutine uses it at a time.
//
// It may import the standard library only. A statement whose values must stay where they
// are is told by [lift] and a row of its test; which ones that are, SQLite's grammar says
// (https://www.sqlite.org/lang_expr.html, section 3, "parameters").
package kept
