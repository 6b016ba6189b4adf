// Package own knows the secrets of this machine: values of the server's
// environment, of .env files and of key files that the operator names. It finds
// them, or twelve characters of one, in whatever is sent, also those that have no
// format by which a rule would know them.
//
//	k, err := own.Open(own.Options{Environ: os.Environ(), AllEnv: true, Files: []string{"/etc/app/.env"}})
//	go k.Run(ctx)                         // reads files again that changed
//	k.Find(text, func(start, end int, source string) bool { ... })
//
// Nothing is kept in the clear: a value is cut into windows of twelve characters,
// and of each that looks random a keyed hash is kept by which a text is searched,
// and a piece of a HMAC that confirms what was found. Both keys are made at the
// start and never leave the process. Words, hosts, paths and numbers are left out,
// so that ordinary texts hold none. See learn.go for what is taken and strong for
// what looks random; to read another kind of file, add it to read.go.
//
// Level 2: it may import detect and the standard library. Whoever searches what
// leaves declares the interface.
package own
