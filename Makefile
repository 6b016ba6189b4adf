# Everything a person or CI runs. On a fresh Debian with Go 1.26 and Node 20:
#   make run     builds the dashboard and the binary, and starts a server
#   make test    installs what the tests need and runs them all
SHELL   := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO      := CGO_ENABLED=0 go
LDFLAGS := -s -w -X go.cordon.dev/cordon/internal/app.version=$(VERSION)
FUZZTIME ?= 2s
GOSSIP  := bzzz bzzz/gateway bzzz/oldnode
# Without the paths of this checkout in what is compiled, all checkouts share Go's cache.
export GOFLAGS := $(strip $(filter-out -trimpath,$(GOFLAGS)) -trimpath)
# Lint has vetted; without symbols the test programs link in half the time. Four
# packages at once, and of one package four tests (those that say t.Parallel), since
# many tests wait; the longest packages come first. Who fails once among so many is
# heard again (gotest.sh).
TESTING := -vet=off -ldflags='-s -w' -p 4 -parallel 4 -timeout 30m
GOTEST  := test/tools/gotest.sh $(TESTING)
# What costs much and seldom finds what a commit did not touch, a commit runs for the
# packages that it changed and for one in so many of the others, in turn.
RACE_TURNS ?= 4
FUZZ_TURNS ?= 12

.PHONY: run build dashboard test once unit race race-elsewhere lint generate cross e2e pictures fuzz fuzz-turn fuzz-long bench bench-detect soak check nightly clean

run: build ## build all and start a server on 127.0.0.1:8420
	./bin/cordon serve

build: go dashboard ## the binary with the dashboard inside
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/cordon ./cmd/cordon

.PHONY: go
go:
	@test/tools/needs.sh go

dashboard: web/dist/index.html
web/node_modules/.package-lock.json: web/package-lock.json
	@test/tools/needs.sh node
	cd web && npm ci --no-audit --no-fund --loglevel=error
web/dist/index.html: web/node_modules/.package-lock.json $(wildcard $(shell git ls-files -co --exclude-standard web 2>/dev/null | grep -v '^web/dist/')) docs/openapi.json
	cd web && npm run --silent build
	touch $@

test/hypercore-node/node_modules/.package-lock.json: test/hypercore-node/package-lock.json
	cd test/hypercore-node && npm ci --no-audit --no-fund --loglevel=error
test/hypercore-node11/node_modules/.package-lock.json: test/hypercore-node11/package-lock.json
	cd test/hypercore-node11 && npm ci --no-audit --no-fund --loglevel=error
test/mcp-node/node_modules/.package-lock.json: test/mcp-node/package-lock.json
	cd test/mcp-node && npm ci --no-audit --no-fund --loglevel=error

# Database servers for the tests: installed, unpacked, or named by URL.
.PHONY: servers
servers:
	@[ -n "$(CORDON_TEST_POSTGRES)" ] || test/tools/debian.sh postgresql-15 postgres initdb >/dev/null || { echo 'or set CORDON_TEST_POSTGRES=postgres://USER:PASSWORD@HOST:PORT (a user who may create databases)'; exit 1; }
	@[ -n "$(CORDON_TEST_MYSQL)" ] || test/tools/debian.sh mariadb-server-core mariadbd >/dev/null || { echo 'or set CORDON_TEST_MYSQL=mysql://USER:PASSWORD@HOST:PORT (a user who may create databases)'; exit 1; }

PEERS := servers test/hypercore-node/node_modules/.package-lock.json test/hypercore-node11/node_modules/.package-lock.json test/mcp-node/node_modules/.package-lock.json
test: build $(PEERS) ## every test, with real peers
	CGO_ENABLED=0 $(GOTEST) -tags servers -- ./test/e2e ./internal/sqlstore ./cmd/cordon ./detect ./internal/deception/service/ssh ./hypercore/... ./...
	$(MAKE) --no-print-directory beside
	$(MAKE) --no-print-directory e2e

once: build $(PEERS) ## every Go test once, in their turn under the race detector
	RACE='-race $(UNWATCHED)' GRIND='$(GRIND)' CUT='$(CUT)' test/tools/once.sh $(RACE_TURNS) $(TESTING)

.PHONY: check-web beside
beside: ## the gossip modules and the dashboard's units, which wait much, beside each other
	$(MAKE) --no-print-directory -j4 -O $(GOSSIP:%=gossip/%) check-web
check-web: web/node_modules/.package-lock.json
	cd web && npm run --silent check

# The gossip modules are nested: ./... of the main module does not reach them. Their
# tests wait for nodes to hear of each other, so they run beside each other.
.PHONY: gossip $(GOSSIP:%=gossip/%)
gossip: ## tests of the gossip modules; old nodes, and the gateway between them, as processes
	$(MAKE) --no-print-directory -j3 -O $(GOSSIP:%=gossip/%)
$(GOSSIP:%=gossip/%): gossip/%:
	cd $* && $(GO) test -vet=off -timeout 20m ./...

unit: ## the tests that need no peers
	$(GO) test ./...

# The race detector costs ten times the time, so it runs what runs at once: the
# packages that share anything, which internal/archtest finds and lists, without the
# tests that one goroutine grinds through (make once runs those without it); of the
# engine's tests those with goroutines, of the scripts those with a server.
# SQLite itself, which is C translated to Go, is built without the detector: it took
# four fifths of the time of all that stores something. Its driver, and all of ours,
# are watched.
UNWATCHED := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false
GRIND := Flood|TenMillionSources|TheListIsBounded|RepositoryIsClean|Bombs|LongLine|RunOfEncoding|FlippedBit|DamagedBackup|KeysAreSealed|TestSQLite/one_database|CloseTheirFiles|CountWhatTheyKeep|BytesArePaidFor|UnpacksWithoutEnd|IsInNoFile
# These take less under the detector (-short).
CUT := EverySecretIsFoundOnce
race: race-elsewhere ## what shares anything, under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GOTEST) -race $(UNWATCHED) -short -skip '$(GRIND)' -- $$(sed 's|^|./|' test/tools/raced)
race-elsewhere:
	CGO_ENABLED=1 $(GOTEST) -race $(UNWATCHED) -short -run 'Goroutines|Stopping|Example' -- ./detect
	CGO_ENABLED=1 $(GOTEST) -race $(UNWATCHED) -short -run 'TestScript/(serve|reload|worker|webhook|setup)$$' -- ./cmd/cordon
	cd bzzz && CGO_ENABLED=1 go test -vet=off -race ./bound ./guard
	cd bzzz/gateway && CGO_ENABLED=1 go test -vet=off -race . ./relay ./window ./withheld ./judge ./report

e2e: build ## the dashboard in Chromium against the real binary; screenshots in test/artifacts
	test/tools/dashboard.sh

pictures: build ## the pictures of the README and the docs, taken anew
	PICTURES=1 test/tools/dashboard.sh

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run: gofmt -w'; exit 1; }
	@! git grep -nE '^(<<<<<<<|>>>>>>>) ' || { echo 'a merge was not finished in these files'; exit 1; }
	go vet ./...
	go vet -tags servers,soak ./...
	go vet -tags noui ./web
	for d in $(GOSSIP); do (cd $$d && go vet ./...) || exit 1; done
	test/tools/words.sh

generate: ## renew everything that is generated from the code
	$(GO) run ./internal/event/gen
	$(GO) test ./detect ./internal/api ./internal/config ./internal/telemetry ./internal/archtest -run Fresh -update
	cd web && npm run --silent api

cross: ## the other platforms build
	GOOS=darwin $(GO) build -ldflags='-s -w' -o /dev/null ./cmd/cordon
	GOOS=windows $(GO) build -ldflags='-s -w' -o /dev/null ./cmd/cordon

fuzz: ## a short run of every fuzz target
	test/tools/fuzz.sh $(FUZZTIME)

fuzz-turn: ## a short run of the fuzz targets of changed packages, and of others in turn
	TURNS=$(FUZZ_TURNS) test/tools/fuzz.sh $(FUZZTIME)

fuzz-long: FUZZTIME := 10m
fuzz-long: ## ten minutes for each target of the engine's three families: kernels, compiled rules, decoders' positions (FUZZTIME)
	test/tools/fuzz.sh $(FUZZTIME) '^detect.* Fuzz(.*Agree|Gate|Decode|Positions)'

bench: build servers test/hypercore-node/node_modules/.package-lock.json test/hypercore-node11/node_modules/.package-lock.json ## the tables of bench/README.md
	test/tools/bench.sh

bench-detect: build ## the engine against its goals; CASES=DIR of labelled texts; peers that are on PATH
	GOROOT=$$(go env GOROOT) $(GO) run ./bench/detect $(if $(CASES),-cases $(CASES))

soak: build test/hypercore-node/node_modules/.package-lock.json ## half an hour under load while the database comes and goes, and half an hour of attackers on deckies (SOAK_MINUTES)
	$(GO) test -tags servers,soak -run '^TestSoak' -v -timeout 3h ./test/e2e

# Each step says how long it took, so that a slow one shows. Here two things are traded
# for time that nightly does not trade: temporary files are in memory, and Go collects
# garbage a quarter as often, since test programs have small heaps and short lives.
check: export GOGC := 400
check: ## what CI runs for each commit
	for step in lint cross once beside e2e fuzz-turn; do \
	  start=$$SECONDS; test/tools/inmemory.sh $(MAKE) --no-print-directory $$step; echo "$$step took $$((SECONDS - start)) s"; \
	done

nightly: lint cross test race fuzz ## every day and before a release: all tests without the race detector, all that share something with it, all fuzz targets

clean:
	rm -rf bin web/dist/assets web/dist/index.html test/artifacts
