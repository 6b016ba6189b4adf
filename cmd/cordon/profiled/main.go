//go:build servers && soak && unix

// Command profiled is cordon that writes heap profiles. The soak runs it in place of
// cordon, which has no door for them: a profile is asked for by SIGUSR2 and written to
// the directory that E2E_PROFILES names, as heap-1.pprof, heap-2.pprof and so on
// (`go tool pprof`).
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"

	"go.cordon.dev/cordon/internal/app"
)

func main() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	go profile(asked, os.Getenv("E2E_PROFILES"))
	os.Exit(app.Main(os.Args[1:]))
}

func profile(asked <-chan os.Signal, dir string) {
	for n := 1; ; n++ {
		<-asked
		if err := write(filepath.Join(dir, fmt.Sprintf("heap-%d.pprof", n))); err != nil {
			fmt.Fprintln(os.Stderr, "writing a heap profile:", err)
		}
	}
}

func write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}
