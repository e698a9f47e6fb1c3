# Sieci: `make run` shows a demonstration, `make test` checks everything. On a
# fresh Debian with Go, git and make both first install what they need.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# One way to compile for everything but the race detector (which needs cgo) and
# what is shipped (-trimpath): each further one compiles all dependencies anew.
export CGO_ENABLED := 0

TOOL := go tool -modfile=.ci/tools/go.mod
# Some packages at a time and three tests in each, whatever the machine: they run
# servers, browsers and module processes, and wait for them. Lint has vetted
# everything before.
TEST := go test -parallel 3 -vet=off -timeout 18m
# Processes, jobs and sign-in are full of goroutines; the rest is not (make race).
RACE := ./core/plugin ./core/plugin/runner ./core/plugin/supervisor ./core/plugin/sandbox ./core/job/... ./core/identity/...
# Everything outside the race run, asked of go at run time.
REST = $$(go list ./... | grep -v -E '/core/(plugin(/(runner|supervisor|sandbox))?$$|(job|identity)(/|$$))')
WITH_DATABASE = .cache/sieci dev test-database --

.PHONY: run build test race long bench a11y fuzz lint generate deps deps-run clean

run: deps-run build ## build, load the demonstration, serve it with development pages
	SIECI_DEV=true bin/sieci serve --demo

build: ## bin/sieci, the dictionary of its search, and the modules' bundles in bin/plugins/
	go build -trimpath -o bin/sieci ./cmd/sieci
	bin/sieci dev dictionary bin/pl.lemma
	.ci/bundles.sh bin/plugins

test: deps lint test-program ## format, vet, staticcheck, all tests
	@.ci/deps_test.sh
	$(WITH_DATABASE) $(MAKE) test-packages

.PHONY: test-program test-packages test-rest test-race
test-program:
	go build -o .cache/sieci ./cmd/sieci

# One database server for all packages. The race run comes after the rest: beside
# it, tests that wait for processes starve.
test-packages: test-rest
	$(MAKE) test-race

test-rest:
	$(TEST) -p 3 $(REST)

test-race:
	CGO_ENABLED=1 $(TEST) -p 3 -race $(RACE)

race: deps test-program ## every package under the race detector
	CGO_ENABLED=1 $(WITH_DATABASE) $(TEST) -p 3 -race ./...

long: deps test-program ## what takes minutes: all lists of a generated country for everybody, 100 upgrades, 200 crashes
	$(WITH_DATABASE) env SIECI_TEST_LONG=1 $(TEST) -p 3 -timeout 60m -run 'TestListsOfACountryGoByIndex|TestManyUpgradesUnderLoad|TestCrashCyclesLeaveNothing' ./core/app/measure ./core/plugin

bench: deps-run test-program ## each measure beside its bare counterpart
	$(WITH_DATABASE) go test -p 1 -timeout 120m -run '^$$' -bench . -benchmem ./...

a11y: deps test-program ## every page in every state, width and scheme
	$(WITH_DATABASE) env SIECI_TEST_A11Y=full $(TEST) -p 3 -timeout 60m -run 'Accessible|Axe|A11y' ./core/web/... ./core/app/... ./core/plugin/...

FUZZTIME ?= 1m
fuzz: deps-run test-program ## each fuzz target for FUZZTIME
	go list ./... | while read -r p; do \
	  go test -list '^Fuzz' "$$p" | { grep '^Fuzz' || true; } | while read -r f; do \
	    $(WITH_DATABASE) go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) "$$p" </dev/null; \
	  done; \
	done

lint: ## format, vet, staticcheck
	@wrong=$$(gofmt -l cmd core plugins policies migrations); if [ -n "$$wrong" ]; then echo "gofmt: $$wrong"; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck ./...

generate: ## pages and wire contract from their sources
	go tool templ generate
	go generate ./plugins/proto/...

deps: ## what tests need
	@.ci/deps.sh test

deps-run: ## what running needs
	@.ci/deps.sh run

clean:
	rm -rf bin .cache
