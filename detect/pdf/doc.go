// Package pdf takes out of a PDF (ISO 32000-1:2008) what people read and what
// they don't see: the text of its pages, in one piece however its operators cut
// it up, the strings of its objects, and its streams, decoded.
//
//	file, err := pdf.Open(data)
//	for part := range file.Parts(limit) {
//		scan(part.Name, part.Reader)
//	}
//	scan("the rest", file.Rest())
//
// It trusts no table of the file. Objects are found where they stand, so that a
// broken file is read as far as it goes, and what an editor replaced or deleted
// and left in the file is read as well. Work and memory are bounded: a file
// costs time in proportion to its size and to what its streams decode to, which
// the caller limits.
//
// It draws nothing: images, fonts and forms of compression that only images use
// are handed over as they are. What is encrypted is not read.
//
// To add a filter: a line in (*File).filter. It is public for whoever names the parts
// of a file, as package scan does; the decoders of package detect use it. It imports the
// standard library only.
package pdf
