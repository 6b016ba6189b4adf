#!/usr/bin/env bash
# Measures what bench/README.md reports, on this machine, peers beside us.
set -euo pipefail
cd "$(dirname "$0")/../.."
echo "machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/ {printf "%d GB", $2/1e6}' /proc/meminfo), $(go version | cut -d' ' -f3), node $(node --version)"
echo; echo "## Hypercore: reading, and what following costs the writer"
go run ./bench/hypercore "$@"
echo; echo "## Whole path"
go run ./bench/path -users 10
echo; echo "## Deliveries to webhooks"
go run ./bench/outbox -events 1000
echo; echo "## Store and engine"
CGO_ENABLED=0 go test -run "^$" -bench . -benchtime 2s ./internal/store ./internal/leak ./detect | grep -E "^(Benchmark|pkg)"
CGO_ENABLED=0 go test -tags servers -run "^$" -bench ListQuarantine -benchtime 5x -timeout 20m ./internal/sqlstore | grep -E "^Benchmark"
echo; echo "## Deckies"
measure() { CGO_ENABLED=0 go test -tags servers -run "^$" -timeout 20m -bench "$1" -benchtime "$2" "./internal/$3" | grep -E "^Benchmark"; }
measure 'BenchmarkRecorder$/SQLite|BenchmarkRecorderServers/PostgreSQL' 3000x deception/capture
measure 'BenchmarkLogins' 320x deception/service/ssh
measure 'BenchmarkIdleLogins' 1x deception/service/ssh
measure 'BenchmarkMachines' 1x deception/host
measure 'BenchmarkReuseLatency' 200x attacker
measure 'BenchmarkListAttackers' 5x sqlstore
