package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type egressCACmd struct {
	Show   egressCAShowCmd   `cmd:"" default:"1" help:"Print the certificate, and how programs are told to trust it."`
	Rotate egressCARotateCmd `cmd:"" help:"Replace the certificate and its key; programs have to be given the new one."`
}

type egressCAShowCmd struct{}

func (egressCAShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		ca, err := cl.EgressCA(ctx)
		if err != nil {
			return err
		}
		return emit(s, ca, func(w io.Writer) error { return showCA(w, ca) })
	})
}

type egressCARotateCmd struct {
	Reason string `default:"rotated from the command line" help:"Why; kept in the audit log."`
}

func (c *egressCARotateCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		ca, err := cl.EgressRotateCA(ctx, api.EgressCARequest{Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, ca, func(w io.Writer) error { return showCA(w, ca) })
	})
}

// trustVariables are where programs look for a file of certificates: OpenSSL and Go
// and Python's ssl, Node, Python's requests, curl, git, the AWS tools, Deno, Cargo.
var trustVariables = [...]string{"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "DENO_CERT", "CARGO_HTTP_CAINFO"}

// showCA prints the certificate so that the whole can be written to a file of
// certificates: what is no certificate stands in comments.
func showCA(w io.Writer, ca api.EgressCA) error {
	_, err := fmt.Fprintf(w, "# The certificate of Cordon's egress gateway, valid until %s\n# file         %s\n# fingerprint  SHA-256 %s\n#\n# Programs whose TLS is looked into have to trust it, by one of these:\n",
		ca.NotAfter.Format(time.DateOnly), oneLine(ca.Path), ca.Fingerprint)
	for _, name := range trustVariables {
		if err == nil {
			_, err = fmt.Fprintf(w, "#   export %s='%s'\n", name, oneLine(ca.Path))
		}
	}
	if err == nil {
		_, err = io.WriteString(w, "# All but NODE_EXTRA_CA_CERTS take the place of what the machine trusts: where only some hosts are looked into,\n# give programs a file of both, such as /etc/ssl/certs/ca-certificates.crt with this certificate behind it.\n# For the whole machine, on Debian: copy the file to /usr/local/share/ca-certificates/cordon-egress.crt, then: update-ca-certificates\n"+ca.Certificate)
	}
	return err
}
