// Command detect measures the detection engine against its goals, peers beside
// it in the same run, and prints the table of bench/README.md.
//
//	go run ./bench/detect -cases DIR -corpus DIR,DIR
//	go run ./bench/detect -folder DIR     # only whole programs, over one folder
//
// The peers (gitleaks, betterleaks, trufflehog, titus, kingfisher) are those on
// PATH; of the others the table shows dated figures. It imports the public
// library only: what it measures is what a user of the library gets.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/detect:", err)
		os.Exit(1)
	}
}

type options struct {
	cases  string   // folder of labelled cases, JSON lines; empty: none
	corpus []string // folders of text with nothing planted
	cordon string   // the program
	most   int64    // bytes of the corpus that are read into memory
	folder string   // only compare whole programs over this folder; empty: all
	missed string   // print the positives of this set in which nothing is found
}

func parse() options {
	var o options
	corpus := flag.String("corpus", strings.Join([]string{filepath.Join(runtime.GOROOT(), "src"), "/usr/share/doc", "web/node_modules"}, ","), "folders of text with nothing planted, joined by commas")
	flag.StringVar(&o.cases, "cases", "", "folder of labelled cases (*.jsonl: source, rule, text, expect)")
	flag.StringVar(&o.cordon, "cordon", "bin/cordon", "the program that scans folders")
	flag.Int64Var(&o.most, "most", 256<<20, "bytes of the corpus that are read into memory")
	flag.StringVar(&o.missed, "missed", "", "print what is missed of this set of cases, by rule")
	flag.StringVar(&o.folder, "folder", "", "only compare the processor time of whole programs over this folder")
	flag.Parse()
	for _, dir := range strings.Split(*corpus, ",") {
		if _, err := os.Stat(dir); err == nil {
			o.corpus = append(o.corpus, dir)
		}
	}
	return o
}

func run() error {
	o, t := parse(), &table{}
	if o.folder == "" {
		if err := measure(t, o); err != nil {
			return err
		}
	}
	folders(t, o)
	t.print(os.Stdout)
	return nil
}

// measure is everything about the engine itself.
func measure(t *table, o options) error {
	e, err := start()
	if err != nil {
		return err
	}
	e.startup(t)
	corpus, err := readCorpus(o)
	if err != nil {
		return err
	}
	e.resident(t, corpus)
	e.messages(t)
	e.noise(t, corpus)
	if err := e.planted(t); err != nil {
		return err
	}
	if o.cases == "" {
		return nil
	}
	return e.cases(t, o)
}
