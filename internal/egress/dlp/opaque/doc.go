// Package opaque knows what nobody here reads: archives and compressed data of forms
// that the engine has no decoder for, and what is encrypted. Whatever holds one was not
// looked at, however clean the rest is.
//
// A form is known by its mark and by more than that: a sum, a version, lengths that fit.
// Every program that knows a form has its mark, too, and so have texts about it.
//
// It imports the standard library only. To add a form, add its marks to archives
// (archives.go) or to encrypted (encrypted.go), with the source of each, and an example
// that another program made to the tests. Marks that can stand anywhere have four bytes
// or more.
package opaque
