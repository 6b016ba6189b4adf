// Package files sees which files a text carries: by the names in the heads of
// multipart parts (RFC 7578, RFC 6266, RFC 2231 and RFC 2047 in what they let a name
// look like), in ZIP and tar archives, and by what their contents begin with. A text
// is the body of a request, or whatever was decoded from it.
//
//	files.Names(text, func(name string, at int) { ... })
//	files.Kinds(text, func(k files.Kind, at int) { ... })
//
// Readers of names are forgiving, because those who receive them are: whatever
// somebody may take for a name is one. To know another kind of content, add it to
// kinds.go.
//
// It imports the standard library only.
package files
