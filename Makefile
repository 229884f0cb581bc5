# `make demo` and `make test` are all a newcomer needs: both install what is missing (Debian and Ubuntu as root) or say what.

GO     ?= go
ARGS   ?=
RESULTS = $(CURDIR)/faults.md
N      ?= 10000
FOR    ?= 2m
SEED   ?= 0
PAST   ?= 1000000
SCENARIOS = latency,stations,fanout,load,attached,idle,storm,import
# Packages that are tested under faults, in a browser, or by the clock: nothing else runs beside them.
ALONE  = ./notifier ./ws/board
# The longest of the others begin first, so that none of them is alone at the end.
LONGEST = ./db/attach ./migrations ./cmd/kitchen/doctor ./ws ./db
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help demo test faults histories past attack soak evening browsers build release lint vuln bench long benchmarks documents clean compat

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## a private Postgres, a demo restaurant in a rush, and its display: make demo ARGS="--for 20s"
	@.ci/install postgresql
	@echo 'Building ./kitchen, which takes a minute or so the first time …'
	@$(GO) build -trimpath -o kitchen ./cmd/kitchen
	@./kitchen demo $(ARGS)

test: ## everything, with the race detector, against a Postgres that the tests start themselves
	@.ci/install gcc
	@unformatted=$$(find . -name node_modules -prune -o -name '*.go' -exec gofmt -l {} +); \
	test -z "$$unformatted" || { echo "$$unformatted"; echo "run gofmt -w on these" >&2; exit 1; }
	@# What vet compiles to look at is what the tests are made of: without -race all would be compiled twice. What the tests need
	@# besides is installed meanwhile.
	@.ci/install postgresql browser node haproxy & installed=$$!; \
	$(GO) vet -race ./...; vetted=$$?; wait $$installed && exit $$vetted
	@# Vet has looked already. The race detector would let each package sleep for a second at its end, for goroutines that outlive
	@# it, which goleak finds. Tests of cmd/kitchen mostly wait: six of them at a time.
	@export GORACE=$${GORACE:-atexit_sleep_ms=0}; \
	$(GO) test -race -vet=off -p 2 $(LONGEST) $$($(GO) list ./... | grep -vxF "$$($(GO) list $(ALONE) ./cmd/kitchen)"); one=$$?; \
	$(GO) test -race -vet=off -p 1 $(ALONE); two=$$?; \
	$(GO) test -race -vet=off -parallel 6 ./cmd/kitchen; three=$$?; exit $$((one + two + three))

faults: ## every fault of the matrix, at full length, and the table of results; NEWER=folder with server binaries of PostgreSQL 17 or later
	@.ci/install postgresql pgbouncer
	@rm -f $(RESULTS)
	@$(GO) test -count=1 -timeout 60m ./notifier -run TestFaultMatrix -args -faults -results $(RESULTS) $(if $(NEWER),-newer $(NEWER)); one=$$?; \
	$(GO) test -count=1 -timeout 60m ./cmd/kitchen -run TestFault -args -faults -results $(RESULTS); two=$$?; \
	printf '%s\n' '| fault | what happens | all displays right after | changes meanwhile | displays that lost anything | verdict | remarks |' '|---|---|---|---|---|---|---|'; \
	sort -V $(RESULTS); exit $$((one + two))

histories: ## random histories of SQL and faults: make histories N=10000
	@.ci/install postgresql
	$(GO) test -count=1 -timeout 0 ./notifier -run TestRandomHistories -v -args -histories $(N)

past: ## every read goes by index over many past orders, on our tables and on attached ones, and what it takes: make past PAST=1000000
	@.ci/install postgresql
	$(GO) test -count=1 -timeout 60m ./db -run OverManyPastOrders -v -args -past $(PAST)

attack: ## displays, strangers and requests that never end, with the race detector: make attack FOR=2m
	@.ci/install postgresql gcc
	$(GO) test -race -count=1 -timeout 60m ./cmd/kitchen -run 'StarveNobody|NeverEnd|Flood|Hostile|Misbehaves|LimitsHold' -v -args -attack $(FOR)
	$(GO) test -race -count=1 ./ws ./ws/tcp -run 'Flood|Slowly|NeverReads|MakeRoom|Refused|Rate|Kernel|Forged'

soak: ## 2,000 displays, 100 changes a second, a fault a minute, chosen at random: make soak FOR=30m SEED=1
	@.ci/install postgresql
	$(GO) test -count=1 -timeout 0 ./cmd/kitchen -run TestSoak -v -args -soak $(FOR) -seed $(SEED)

evening: ## 8 hours of an evening at 60 times the speed on one board, which must not grow: 8 minutes
	@.ci/install chromium node
	$(GO) test -count=1 -timeout 30m ./ws/board -run TestEvening -v -args -evening 8m

browsers: ## the pages in Chromium under every look, language and size, each with all rules of accessibility; make test has some of each
	@.ci/install chromium node
	$(GO) test -count=1 -timeout 60m ./ws/board -run 'Accessible|Fit|StayInTheirPlaces' -args -every-look -every-size -browser "$$(command -v chromium || command -v chromium-browser || command -v google-chrome)"

build: ## the program, as ./kitchen
	$(GO) build -trimpath -o kitchen ./cmd/kitchen

release: ## the program for Linux and macOS, on amd64 and arm64, in dist/: the same bytes wherever the same commit and Go build it
	@mkdir -p dist
	@for os in linux darwin; do for arch in amd64 arm64; do \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch GOFLAGS= $(GO) build -trimpath -buildvcs=true -ldflags='-s -w -buildid=' -o dist/kitchen-$$os-$$arch ./cmd/kitchen || exit 1; \
	done; done
	@cd dist && (sha256sum kitchen-* 2>/dev/null || shasum -a 256 kitchen-*) | tee SHA256SUMS

lint: ## vet, staticcheck
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

vuln: ## known vulnerabilities of what the program and its tests use; VULNDB=file:///… where vuln.go.dev is out of reach
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 $(if $(VULNDB),-db $(VULNDB)) -test ./...

bench: ## measures this machine and writes the figures into the bench's page: make bench ARGS="--duration 2s"; some 6 minutes
	@.ci/install postgresql
	@$(GO) build -trimpath -o kitchen ./cmd/kitchen
	@./kitchen bench --readme cmd/kitchen/bench/README.md $(if $(findstring --scenario,$(ARGS)),,--scenario $(SCENARIOS)) $(ARGS)

long: ## whether anything grows in an hour of 200 orders a second over 5,000,000 past ones: make long ARGS="--past 100000 --duration 5m"
	@$(MAKE) --no-print-directory bench ARGS="--scenario long $(ARGS)"

benchmarks: ## Go benchmarks: fan-out, memory a display, what the triggers cost a writer
	@.ci/install postgresql
	$(GO) test -run '^$$' -bench . ./...

compat: ## tests of migrations, db, db/attach and notifier on PostgreSQL 14 to 19, installed with npm where missing (19: where installed): make compat ARGS="14 17"
	@.ci/compat $(ARGS)

documents: ## the code of the documents, run with the real thing: Django, Rails, Python and Go clients (installed with apt), Prisma (with npm)
	@.ci/install postgresql documents
	$(GO) test -count=1 -tags documents -run 'OfTheReadme' ./migrations ./cmd/kitchen ./ws

clean: ## what was built
	rm -f kitchen faults.md
