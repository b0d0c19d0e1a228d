.DEFAULT_GOAL := help
.PHONY: help run test mutate lint generate check-generated bench weights fuzz crash soak screenshots letters

tool := go tool -modfile=tools/go.mod

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run a development server
	go run ./cmd/signup serve --dev

test: ## Run all tests with the race detector
	go test -race -timeout 60m ./...
	cd examples/existing-app && go test -race ./...

mutate: ## Inject every known fault into a store, one at a time, and check that storetest finds it
	SIGNUP_TEST_MUTANTS=all go test ./storetest -run TestMutants -count=1 -timeout 60m

lint: ## Vet, check the formatting, and lint
	go vet ./...
	cd examples/existing-app && go vet ./...
	cd examples/existing-app && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yaml ./...
	test -z "$$($(tool) gofumpt -l . | tee /dev/stderr)"
	$(tool) golangci-lint run ./...

generate: ## Regenerate the generated files (needs npm)
	npm ci --silent --no-audit --no-fund --prefix tools/mjml
	npm run --silent build --prefix tools/mjml
	$(tool) sqlc generate
	go test ./web -run TestOpenAPIDocument -count=1 -args -update

check-generated: generate ## Fail if a generated file is out of date
	git diff --exit-code

weights: ## Print how much each part of the library adds to a program
	./bench/weights.sh

bench: ## Run the benchmarks; see bench/README.md
	go run ./bench

fuzz: ## Run each fuzz target for FUZZTIME (30s)
	./bench/fuzz.sh $(or $(FUZZTIME),30s)
	go test ./web -run TestStrangersCannotTell -count=1 -timeout 60m -rapid.checks=$(or $(SEQUENCES),1000)

crash: ## Kill the server 300 times under load and check that nothing is lost
	SIGNUP_TEST_KILLS=300 go test -run TestCrash -count=1 -v -timeout 60m ./cmd/signup

soak: ## Run a steady load for SOAKTIME (10m) and check that nothing is lost
	SIGNUP_TEST_SOAK=$(or $(SOAKTIME),10m) go test -run TestSoak -count=1 -v -timeout 120m ./cmd/signup

screenshots: ## Save screenshots of every page in OUT (screenshots)
	SCREENSHOTS=$(abspath $(or $(OUT),screenshots)) go test ./web -run TestScreenshots -count=1 -timeout 30m

letters: ## Save screenshots of every letter in every language in OUT (letters-pictures)
	go test ./letters -run TestPictures -count=1 -timeout 60m -args -pictures $(abspath $(or $(OUT),letters-pictures))
