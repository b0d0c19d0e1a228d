.DEFAULT_GOAL := help
.PHONY: help run test lint generate check-generated bench fuzz crash soak screenshots letters

tool := go tool -modfile=tools/go.mod

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run the server for trying it out
	go run ./cmd/signup serve --dev

test: ## Run every test, with the race detector
	go test -race -timeout 60m ./...

lint: ## Vet, format and lint
	go vet ./...
	test -z "$$($(tool) gofumpt -l . | tee /dev/stderr)"
	$(tool) golangci-lint run ./...

generate: ## Make the generated files anew (needs npm)
	npm ci --silent --no-audit --no-fund --prefix tools/mjml
	npm run --silent build --prefix tools/mjml
	$(tool) sqlc generate
	go test ./web -run TestOpenAPIDocument -count=1 -args -update

check-generated: generate ## Fail when a generated file is out of step with its source
	git diff --exit-code

bench: ## Measure; see bench/README.md
	go run ./bench

fuzz: ## Run each fuzz target for FUZZTIME (30s)
	./bench/fuzz.sh $(or $(FUZZTIME),30s)

crash: ## Kill the server 300 times in a storm and look for what is lost
	SIGNUP_TEST_KILLS=300 go test -run TestCrash -count=1 -v -timeout 60m ./cmd/signup

soak: ## Run a steady load for SOAKTIME (10m) and look for what is lost
	SIGNUP_TEST_SOAK=$(or $(SOAKTIME),10m) go test -run TestSoak -count=1 -v -timeout 120m ./cmd/signup

screenshots: ## Take pictures of every page into OUT (screenshots)
	SCREENSHOTS=$(abspath $(or $(OUT),screenshots)) go test ./web -run TestScreenshots -count=1 -timeout 30m

letters: ## Take pictures of every letter in every language into OUT (letters-pictures)
	go test ./letters -run TestPictures -count=1 -timeout 60m -args -pictures $(abspath $(or $(OUT),letters-pictures))
