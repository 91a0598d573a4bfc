# What one does with Loket, from a fresh clone. `make` lists it. Only Go is
# needed for run, build, test and bench; the other targets say what they miss.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# gorm's SQLite dialect imports a C driver that is never used: without cgo it is
# not compiled. The race detector alone needs cgo and a C compiler.
export CGO_ENABLED := 0

GOLANGCI_VERSION := v2.15.0
GOLANGCI := .cache/bin/golangci-lint-$(GOLANGCI_VERSION)

# Packages and flags of the test targets: make test PKG=./store/... ARGS='-run TestX -v'
PKG ?= ./...
ARGS ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## what a user needs

.PHONY: run
run: build ## build, and serve the demo data at http://127.0.0.1:8080/ (ADDR=… DATA=… for others)
	@exec bin/loket serve --demo $(if $(ADDR),--addr '$(ADDR)') $(if $(DATA),--data '$(DATA)')

.PHONY: build
build: ## make bin/loket, one static file
	@[ -x bin/loket ] || echo 'building bin/loket; the first time takes a few minutes, later ones seconds'
	@go build -ldflags '-s -w' -o bin/loket .

## tests

.PHONY: test
test: ## all tests, on SQLite; each package shows when it is done
	go test $(ARGS) $(PKG)

.PHONY: test-race
test-race: ## all tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -timeout 20m $(ARGS) $(PKG)

.PHONY: test-postgres
test-postgres: ## all tests, on PostgreSQL and Redis of their own (scripts/services.sh)
	scripts/services.sh run -- go test -count=1 $(ARGS) $(PKG)

.PHONY: cover
cover: ## tests with coverage over all packages: coverage.out, and the total
	go test -coverpkg=$$(go list ./... | grep -vE '/(gen|scripts)/' | paste -sd, -) -coverprofile=coverage.out $(ARGS) $(PKG)
	go tool cover -func=coverage.out | tail -n 1

.PHONY: bench
bench: build ## measure against a bare net/http handler; keeps scripts/bench.txt (ARGS=--short for a look)
	go run ./scripts/bench $(ARGS)

## documents and what is made of them

.PHONY: generate
generate: ## make gen/ from openapi/
	scripts/generate

.PHONY: docs
docs: ## make the generated parts of openapi/<api>.md: identities, workflows as curl, origins
	go run ./scripts/docs

.PHONY: check-gen
check-gen: ## fail when gen/ or openapi/<api>.md is not what openapi/ says
	scripts/check-gen

.PHONY: check-seeds
check-seeds: ## fail when a copy of a page in testdata differs from ../shared/seeds
	scripts/check-seeds

.PHONY: lint-spec
lint-spec: ## Spectral and Redocly over openapi/ (needs Node)
	scripts/lint-spec

.PHONY: breaking
breaking: ## fail on a breaking change of a document since the last tag that CHANGELOG does not name
	go test -C scripts/tools ./breaking
	scripts/breaking

.PHONY: contract
contract: build ## hold every answer against the documents: Prism, fast-check, Specmatic, lint (needs Node, Java)
	scripts/contract/run $(ARGS)

.PHONY: contract-proof
contract-proof: build ## plant faults in a copy and show which of those tools see them
	scripts/node/install
	node scripts/contract/plant.mjs

.PHONY: clients
clients: build ## generate clients in four languages and walk a journey with each (needs Node, Java, Python, Ruby)
	scripts/clients

.PHONY: gever-client
gever-client: build ## walk through GEVER's live contract with a client as it has them, killing Loket on the way (needs Python)
	scripts/gever-client/run

.PHONY: workflows
workflows: build ## execute openapi/workflows, and the curl commands of openapi/<api>.md (needs Node, jq)
	scripts/workflows $(ARGS)

.PHONY: browser
browser: build ## every page for people in Chromium: calls, axe-core, keyboard, links (needs Node, Chromium)
	scripts/browser/run

## source

.PHONY: fmt
fmt: $(GOLANGCI) ## format the Go source
	$(GOLANGCI) fmt

.PHONY: lint
lint: $(GOLANGCI) ## golangci-lint with the rules of .golangci.yml
	$(GOLANGCI) run --allow-parallel-runners $(ARGS)

$(GOLANGCI):
	@echo 'installing golangci-lint $(GOLANGCI_VERSION); takes some minutes, once'
	@mkdir -p $(@D)
	@GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(@D)/golangci-lint $@

.PHONY: clean
clean: ## remove what was built; data stays
	rm -rf bin dist .cache coverage.out
