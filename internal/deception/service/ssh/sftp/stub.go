// Package sftp stub.
package sftp
import ("context";"io";"go.cordon.dev/cordon/internal/deception/service";"go.cordon.dev/cordon/internal/deception/shell/vfs")
func Serve(ctx context.Context, in io.Reader, out io.Writer, files *vfs.View, s *service.Session) int { return 1 }
