# Everything is installed in .cache and node_modules, at pinned versions.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export GOTOOLCHAIN := local
export JSII_DEPRECATED := quiet
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

PORT ?= 3002
BIN := .cache/bin
LOCAL := $(BIN)/local
ENV := set -a; . .local/stack.env; set +a;
TEST_STACK := .local/test
INTEGRATION := ./tests/integration/...
PROMTOOL := $(or $(shell command -v promtool),.cache/promtool/usr/bin/promtool)
SPIN := $(or $(shell command -v spin),.cache/spin/usr/bin/spin)

.PHONY: help
help: ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# --- the stack on this machine ---

.PHONY: up down status logs
SAMPLE ?= 1
up: $(LOCAL) dynamodb-local ## start and deploy everything here, or deploy what changed (SAMPLE=0.05 of the traces, as on AWS)
	@$(LOCAL) -port $(PORT) -sample $(SAMPLE) up
down: $(LOCAL) ## stop what up started
	@$(LOCAL) down
status: $(LOCAL) ## what runs, and where
	@$(LOCAL) status
logs: $(LOCAL) ## follow the functions' logs (FN=log-audit for one)
	@$(LOCAL) logs $(FN)

.PHONY: dash dash-test
DASH := $(BIN)/victoria-metrics $(BIN)/vmalert
dash: need-stack $(DASH) ## draw what the running stack does, and its alerts, in the browser, until Ctrl-C
	@go build -o $(BIN)/dash ./tools/dash; $(ENV) exec $(BIN)/dash serve
dash-test: need-stack $(DASH) $(BIN)/gotestsum ## look at it in a headless Chromium, after some load (.local/dash.png)
	@go build -o $(BIN)/dash ./tools/dash; $(ENV) $(BIN)/gotestsum --format testname -- -tags dash -count 1 ./tests/dash

.PHONY: walkthrough redrive stuck dlq dlq-redrive series
walkthrough: need-stack ## show the promises on the running stack, with PASS or FAIL
	@$(ENV) go run ./tests/walkthrough
redrive: need-stack ## take a stuck saga on from the compensation that failed (SAGA=id)
	@$(ENV) go run ./tools/invochain redrive "$(SAGA)"
stuck: need-stack ## list stuck sagas
	@$(ENV) go run ./tools/invochain stuck
dlq: need-stack ## list what was given up, with the reason
	@$(ENV) go run ./tools/invochain dlq
dlq-redrive: need-stack ## send a queue's dead letters again (QUEUE=requests)
	@$(ENV) go run ./tools/invochain dlq redrive "$(QUEUE)"
series: need-stack ## have a series of other software go on here (MERCHANT= TYPE=INV YEAR=2526 SERIES= NEXT=)
	@$(ENV) go run ./tools/invochain series "$(MERCHANT)" "$(TYPE)" "$(YEAR)" "$(SERIES)" "$(NEXT)"

.PHONY: breaker breaker-open breaker-close breaker-auto
breaker: need-stack ## show the inventory's circuit breaker
	@$(ENV) go run ./tools/invochain breaker
breaker-open breaker-close breaker-auto: need-stack
	@$(ENV) go run ./tools/invochain breaker $(@:breaker-%=%) "$(WHY)"
breaker-open: ## hold it open: nobody asks the inventory (WHY="stock take", OPERATOR=name)
breaker-close: ## hold it closed: everybody asks (WHY=, OPERATOR=)
breaker-auto: ## give it back to its calls (WHY=, OPERATOR=)

.PHONY: need-stack
need-stack:
	@test -f .local/stack.env || { echo "✗ no stack runs here: make up"; exit 1; }

# --- tests ---

PAIRS ?= 1

.PHONY: test lint unit rules-test model stack-test integration
test: ## everything that CI runs
	@for stage in lint unit rules-test model crash-some histories stack-test integration load-smoke; do \
	  echo "── $$stage"; began=$$SECONDS; ok=passed; \
	  $(MAKE) --no-print-directory $$stage || ok=FAILED; \
	  echo "── $$stage $$ok after $$((SECONDS - began)) s"; test $$ok = passed; \
	done; echo "── all passed in $$SECONDS s"
lint: $(BIN)/golangci-lint $(BIN)/actionlint ## golangci-lint over Go, actionlint over workflows
	@$(BIN)/golangci-lint run ./...
	@$(BIN)/actionlint
unit: $(BIN)/gotestsum dynamodb-local ## unit and store tests, with the race detector
	@$(BIN)/gotestsum --format pkgname -- -race ./functions/... ./shared/... ./events/... ./tools/... ./tests/framework/... ./tests/contract/... ./tests/robustness/mutants/... ./tests/robustness/linearizability/... ./tests/robustness/fleet/... ./tests/robustness/chaos/...
model: $(SPIN) ## search every state of the saga's model, and of each mutant
	@command -v cc >/dev/null || { echo "✗ spin and a C compiler are needed (apt install spin gcc)"; exit 1; }
	@go run ./tests/robustness/model "$(abspath $(SPIN))"
rules-test: $(PROMTOOL) need-go ## every panel's query parses, every alert goes off when it should and not before
	@go test ./infra/dashboards/...
	@mkdir -p .cache; go run ./tools/dash queries >.cache/queries.yml
	@$(PROMTOOL) check rules .cache/queries.yml infra/dashboards/alert/invochain.yml
	@$(PROMTOOL) test rules infra/dashboards/alert/*_test.yml
stack-test: $(BIN)/gotestsum ## the CDK app: golden templates, security findings, the state machine
	@$(BIN)/gotestsum --format pkgname -- ./infra
integration: $(LOCAL) dynamodb-local $(BIN)/gotestsum ## both doors on a stack of its own, started and stopped here
	@$(call until-we-end,$(LOCAL) -dir $(TEST_STACK)); \
	$(LOCAL) -dir $(TEST_STACK) -port 0 up; \
	set -a; . $(TEST_STACK)/stack.env; set +a; \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 -run TestExactCounts ./tests/robustness/fleet; \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 -timeout 15m $(INTEGRATION)

.PHONY: test-localstack on-integration on-walkthrough
LOCALSTACK := $(LOCAL) -emulator localstack -dir .local/localstack
test-localstack: $(LOCAL) $(BIN)/gotestsum ## the same on LocalStack: its image where Docker runs, else a Python 3.13 program (STAGE= for one)
	@$(LOCALSTACK) check
	@python3 -m unittest discover -q tools/local/localstack
	@$(call until-we-end,$(LOCALSTACK)); \
	for stage in $(or $(STAGE),integration walkthrough); do \
	  echo "── $$stage on LocalStack"; $(LOCALSTACK) -port 0 up; \
	  ( set -a; . .local/localstack/stack.env; $(MAKE) --no-print-directory on-$$stage ); \
	  $(LOCALSTACK) down; \
	done; echo "── LocalStack passed in $$SECONDS s"
on-integration:
	@$(BIN)/gotestsum --format testname -- -tags integration -count 1 -timeout 15m ./tests/contract $(INTEGRATION)
on-walkthrough:
	@go run ./tests/walkthrough

# Stops a stack when the recipe's shell ends, also when it is killed: then a watcher in
# a session of its own does. $(1) is the stack's command.
define until-we-end
setsid bash -c "tail --pid=$$$$ -f /dev/null; $(1) down" >/dev/null 2>&1 </dev/null & watcher=$$!; \
trap 'kill $$watcher; $(1) down >/dev/null' EXIT
endef

.PHONY: chaos
CHAOS := $(LOCAL) -dir .local/chaos
chaos: $(LOCAL) dynamodb-local $(DASH) ## what fails under load, and what is seen of it: each on a stack of its own (EXPERIMENT=inventory, dynamodb, kills or queues for one)
	@go build -o $(BIN)/dash ./tools/dash; go build -o $(BIN)/chaos ./tests/robustness/chaos
	@mkdir -p .local; rm -f .local/chaos.md; $(call until-we-end,$(CHAOS)); failed=""; \
	for experiment in $(or $(EXPERIMENT),inventory dynamodb kills queues); do \
	  $(CHAOS) -port 0 -faults up | grep '^\['; \
	  ended=0; ( set -a; . .local/chaos/stack.env; exec $(BIN)/chaos $$experiment -table .local/chaos.md ) || ended=$$?; \
	  $(CHAOS) down >/dev/null; \
	  test $$ended != 130 || exit 130; test $$ended = 0 || failed="$$failed $$experiment"; \
	done; echo; cat .local/chaos.md; test -z "$$failed" || { echo "✗ failed:$$failed"; exit 1; }

.PHONY: build fmt golden bench mutants crash
ARCH ?= arm64
build: $(LOCAL) ## the functions, for a deploy to AWS (ARCH=arm64)
	@$(LOCAL) build $(ARCH)
.PHONY: functions
functions: $(LOCAL)
	@$(LOCAL) build $$(go env GOARCH)
fmt: $(BIN)/golangci-lint ## format all Go files
	@$(BIN)/golangci-lint fmt
crash: $(BIN)/gotestsum dynamodb-local functions ## every write of a request lost, late, its reply lost, or the process killed there; alone and in pairs (CASE= for one, PAIRS=50 for one in so many)
	@$(BIN)/gotestsum --format dots-v2 -- -count 1 -parallel 8 -timeout 90m -run '$(or $(CASE),.)' ./tests/robustness/crash -pairs $(PAIRS)
.PHONY: histories verify
CHECKS ?= 40
histories: $(BIN)/gotestsum dynamodb-local ## random histories of requests, faults, messages and time against the promises (CHECKS=500 for more, SEED= for one again)
	@$(BIN)/gotestsum --format standard-verbose -- -count 1 -timeout 60m ./tests/robustness/statemachine -rapid.checks=$(CHECKS) -rapid.seed=$(or $(SEED),0)
CLIENTS ?= 10
OPS ?= 2000
verify: need-stack ## concurrent clients of the running stack, judged by Porcupine (CLIENTS= OPS= SEED=)
	@$(ENV) go run ./tests/robustness/linearizability -clients $(CLIENTS) -ops $(OPS) $(if $(SEED),-seed $(SEED)) "$$API_URL"
.PHONY: crash-some
crash-some:
	@$(MAKE) --no-print-directory crash PAIRS=50
mutants: dynamodb-local ## remove each guard once and name the test that goes red (M=word for some)
	@go run ./tests/robustness/mutants "$(M)"
golden: ## write the golden templates, dashboards and rules anew, after a wanted change
	@go test ./infra -update
	@go test ./infra/dashboards -update
bench: need-stack ## the figures of docs/benchmarks.md, on the running stack
	@$(ENV) go run ./tests/performance/bench
.PHONY: bench-peers
bench-peers: dynamodb-local peers ## compared with other libraries, as in docs/benchmarks.md (PEER=idempotency, lock, saga or breaker for one part)
	@go build -o $(PEERS)/bench ./tests/performance/peers && $(PEERS)/bench $(PEER)

RATE ?= 80
DURATION ?= 5m
LOAD = $(ENV) go run ./tests/performance/load

.PHONY: load load-queue load-smoke ceiling ramp soak
load: need-stack $(BIN)/k6 ## 100 virtual users at the HTTP door, and then the books (RATE=80 arrivals/s, DURATION=5m)
	@$(LOAD) http -rate $(RATE) -duration $(DURATION)
load-queue: need-stack ## invoices in bulk at the queue door, and then the books (DURATION=5m)
	@$(LOAD) queue -rate 0 -duration $(DURATION)
ceiling: need-stack ## our share of what bare functions reach with the same AWS calls (DURATION=5m)
	@$(LOAD) ceiling -duration $(DURATION)
ramp: need-stack .cache/plot/.installed ## 1 to 400 clients in steps: a table, .local/load/ramp.csv and .png (DURATION=5m)
	@$(LOAD) ramp -duration $(DURATION)
soak: DURATION = 30m
soak: RATE = 58
soak: need-stack $(BIN)/k6 ## half of the knee, for long: memory, files and connections first and last (RATE=58, DURATION=30m)
	@$(LOAD) soak -rate $(RATE) -duration $(DURATION)
SMOKE := $(LOCAL) -dir .local/smoke
load-smoke: $(LOCAL) dynamodb-local $(BIN)/k6 ## both doors for 30 s at a small rate, on a stack of its own: correctness alone
	@$(call until-we-end,$(SMOKE)); \
	go build -o $(BIN)/load ./tests/performance/load; \
	$(SMOKE) -port 0 up; \
	set -a; . .local/smoke/stack.env; set +a; \
	load="setpriv --pdeathsig TERM $(BIN)/load"; \
	$$load http -smoke -rate 10 -duration 30s -dir .local/smoke/load; \
	$$load queue -smoke -rate 20 -duration 10s -dir .local/smoke/load

# --- what they need ---

.PHONY: $(LOCAL)
$(LOCAL): need-go
	@go build -o $@ ./tools/local

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "✗ Go 1.26 is needed (https://go.dev/dl) and not on the PATH"; exit 1; }

# Each tool's own versions, in a go.mod of its own: they disagree on what they import.
$(BIN)/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(BIN)/gotestsum: PACKAGE := gotest.tools/gotestsum
$(BIN)/actionlint: PACKAGE := github.com/rhysd/actionlint/cmd/actionlint
$(BIN)/victoria-metrics: PACKAGE := github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics
$(BIN)/vmalert: PACKAGE := github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert
$(BIN)/k6: PACKAGE := go.k6.io/k6
$(BIN)/golangci-lint $(BIN)/gotestsum: PINS := tools/linter/go.mod
$(BIN)/actionlint: PINS := tools/actionlint/go.mod
$(BIN)/k6: PINS := tools/k6/go.mod
$(DASH): PINS := tools/victoriametrics/go.mod
$(DASH): export CGO_ENABLED := 0
$(BIN)/golangci-lint $(BIN)/gotestsum: tools/linter/go.mod
$(BIN)/actionlint: tools/actionlint/go.mod
$(BIN)/k6: tools/k6/go.mod
$(DASH): tools/victoriametrics/go.mod
$(BIN)/golangci-lint $(BIN)/gotestsum $(BIN)/actionlint $(BIN)/k6 $(DASH): | need-go
	@echo "building $(notdir $@) (once)"
	@go build -modfile=$(PINS) -o $@ $(PACKAGE)

.PHONY: dynamodb-local
dynamodb-local: .cache/dynamodb-local/.fetched ## fetch what the store tests run on
.cache/dynamodb-local/.fetched: tools/dynamodb-local/pom.xml
	@for program in javac mvn; do command -v $$program >/dev/null || \
	  { echo "✗ $$program is needed: DynamoDB Local comes by Maven and runs on a JDK 17 (apt install maven openjdk-17-jdk-headless)"; exit 1; }; done
	@echo "fetching DynamoDB Local (once)"
	@mvn -q -B -f tools/dynamodb-local/pom.xml dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/.cache/dynamodb-local"
	@touch $@

# What bench-peers runs, each at its own pinned versions.
PEERS := .cache/peers
DTM := v1.19.0
.PHONY: peers $(PEERS)/ours $(PEERS)/lock $(PEERS)/dbos $(PEERS)/breaker
peers: $(PEERS)/ours $(PEERS)/lock $(PEERS)/dbos $(PEERS)/breaker $(PEERS)/dtm $(PEERS)/python/.installed $(PEERS)/node/.installed
$(PEERS)/ours: need-go
	@go build -o $@ ./tests/performance/peers/ours
$(PEERS)/lock $(PEERS)/dbos: need-go
	@cd tests/performance/peers/$(notdir $@) && go build -o "$(CURDIR)/$@" .
$(PEERS)/breaker: need-go
	@cd tests/performance/peers/breaker && go test -c -o "$(CURDIR)/$@" .
# dtm listens to the whole network: a copy of its module is made to listen on loopback.
$(PEERS)/dtm: | need-go
	@echo "building dtm (once)"; mkdir -p $(PEERS)/dtm-source; cd $(PEERS)/dtm-source; \
	module=$$(go mod download -json github.com/dtm-labs/dtm@$(DTM) | sed -n 's/.*"Dir": "\(.*\)",/\1/p'); \
	cp -r $$module/. . && chmod -R u+w .; sed 's/":%d"/"127.0.0.1:%d"/' $$module/dtmsvr/svr.go > dtmsvr/svr.go; go build -o ../dtm .
$(PEERS)/python/.installed: tests/performance/peers/python/requirements.txt
	@echo "installing Powertools for Python (once)"; python3 -m venv $(PEERS)/python
	@$(PEERS)/python/bin/pip install -q --disable-pip-version-check -r $< && touch $@
$(PEERS)/node/.installed: $(wildcard tests/performance/peers/node/*)
	@echo "installing Powertools for TypeScript and opossum"; mkdir -p $(@D)
	@cp tests/performance/peers/node/* $(@D) && npm ci --silent --prefix $(@D) && touch $@

# Debian packages, unpacked without root; they need no more than libc.
.cache/promtool/usr/bin/promtool:
	@echo "fetching promtool (once)"; mkdir -p .cache/promtool; cd .cache/promtool; \
	{ apt-get -qq download prometheus || { test "$$(id -u)" = 0 && apt-get -qq update && apt-get -qq download prometheus; }; } 2>/dev/null \
	  && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && rm prometheus_*.deb \
	  || { echo "✗ promtool is needed (apt install prometheus)"; exit 1; }

.cache/plot/.installed: tools/plot/requirements.txt
	@echo "fetching what draws (once)"; python3.11 -m venv --clear .cache/plot
	@.cache/plot/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The Debian package, unpacked without root; it needs no more than libc.
.cache/spin/usr/bin/spin:
	@echo "fetching spin (once)"; mkdir -p .cache/spin; cd .cache/spin; \
	{ apt-get -qq download spin || { test "$$(id -u)" = 0 && apt-get -qq update && apt-get -qq download spin; }; } 2>/dev/null \
	  && dpkg -x spin_*.deb . || { echo "✗ spin and a C compiler are needed (apt install spin gcc)"; exit 1; }

.PHONY: clean
clean: down ## stop all stacks and remove what was built (downloads stay)
	@for dir in $(TEST_STACK) .local/smoke .local/chaos; do test ! -d $$dir || $(LOCAL) -dir $$dir down; done
	@rm -rf dist cdk.out .local
