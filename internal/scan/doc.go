// Package scan is what cordon scan does around the detection engine: it finds
// the inputs (folders, archives, the history of a git repository, what is
// staged, a stream), reads them on all cores, takes off what ignore files,
// allowlists and a baseline let through, and hands findings over in the order
// of their inputs. It prints nothing and knows no flags; the command line does.
//
//	source := &scan.Tree{Roots: []string{"."}, IgnoreFiles: []string{".cordonignore"}}
//	summary, err := scan.Run(ctx, scan.Options{Scanner: scanner}, source, sink)
//
// The parts meet in three small interfaces: a Source yields Inputs, a Sink takes
// Findings, a Progress hears how far it is. Report formats are Sinks: see
// package report below.
//
// Documents are read as people read them: package document has the text of
// office files, package pdf that of pages.
//
// To add a place to look at: a type with Each that yields Inputs. To add an
// archive format: a line in signatures (kind.go) and a method of worker that
// members calls. To add a document format: the same, with a way to its text in
// package document. To add a report: a file in report and a line in report.New.
//
// Level 2: it may import L0, L1 and the public libraries. It needs no server
// and no store. The only program it starts is git, and the one that the user
// names for live checks.
package scan
