// Command cordon is the whole of Cordon in one binary.
package main

import (
	"os"

	"go.cordon.dev/cordon/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
