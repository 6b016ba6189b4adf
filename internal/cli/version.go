package cli

import (
	"fmt"
	"io"
	"runtime"
)

type versionCmd struct{}

func (versionCmd) Run(s *session) error {
	v := map[string]string{"version": s.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
	return emit(s, v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "cordon %s (%s, %s)\n", v["version"], v["go"], v["platform"])
		return err
	})
}
