// Package intercept has the authority that lets the gateway look into TLS: a key and
// a certificate of its own, which programs are told to trust, and certificates for
// single hosts, made when they are needed.
//
//	a, err := intercept.Open(dir, time.Now)
//	leaf, err := a.Leaf("api.example.com")
//
// The key is made at the first use and lies in one file with the certificate that
// belongs to it, so that the two never disagree; nothing else leaves the process. A
// second file has the certificate alone, for programs to trust. Certificates of hosts
// are kept in memory only, a bounded number of them, each made once however many ask
// for it at the same time.
//
// It speaks no TLS and knows no policy. Level 2: besides the standard library it
// imports nothing.
package intercept
