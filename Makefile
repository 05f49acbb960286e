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

include tools/install.mk tools/operate.mk tools/performance.mk

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# --- the stack on this machine ---

.PHONY: $(LOCAL) up down status logs token
$(LOCAL): need-go
	@go build -o $@ ./tools/local
SAMPLE ?= 1
up: $(LOCAL) dynamodb-local ## start the system here, or deploy your changes (SAMPLE=0.05: keep the traces and the log lines of 5 % of the requests)
	@$(LOCAL) -port $(PORT) -sample $(SAMPLE) up
down: $(LOCAL) ## stop what `make up` started
	@$(LOCAL) down
status: $(LOCAL) ## show what runs, and at which address
	@$(LOCAL) status
logs: $(LOCAL) ## show the functions' events of the last minute, and follow (FN=log-audit: one function; SINCE=5m)
	@exec $(LOCAL) logs -since $(or $(SINCE),1m) $(FN)
token: $(LOCAL) ## print an access token of the demo merchant's admin (ROLE=operator, clerk, accountant, auditor: of that role)
	@$(LOCAL) token "$${ROLE-}"

.PHONY: need-stack dash dash-test
dash: need-stack $(DASH) ## serve the dashboard and alerts of the running stack until Ctrl-C
	@go build -o $(BIN)/dash ./tools/dash; $(ENV) exec $(BIN)/dash serve
dash-test: need-stack $(DASH) $(BIN)/gotestsum ## test the dashboard in a headless Chromium (screenshot: .local/dash.png)
	@go build -o $(BIN)/dash ./tools/dash; $(ENV) $(BIN)/gotestsum --format testname -- -tags dash -count 1 ./tests/dash

.PHONY: walkthrough
walkthrough: need-stack ## demonstrate the promises on the running stack: PASS or FAIL
	@$(ENV) go run ./tests/walkthrough

.PHONY: audit-demo
audit-demo: need-stack ## demonstrate a receipt that verifies offline, and that a changed audit log is noticed
	@$(ENV) go run ./tests/walkthrough audit

need-stack:
	@test -f .local/stack.env || { echo "✗ no stack runs here; run make up"; exit 1; }

# --- tests ---

.PHONY: test lint unit rules-test model aws-check integration attack
test: ## run everything that CI runs
	@for stage in lint unit rules-test model cost scale crash-some histories aws-check integration test-iam contention-some load-smoke; do \
	  echo "── $$stage"; began=$$SECONDS; ok=passed; \
	  $(MAKE) --no-print-directory $$stage || ok=FAILED; \
	  echo "── $$stage $$ok after $$((SECONDS - began)) s"; test $$ok = passed; \
	done; echo "── all passed in $$SECONDS s"
lint: $(BIN)/golangci-lint $(BIN)/actionlint ## check code, workflows, documents and the API description
	@$(BIN)/golangci-lint run ./...
	@$(BIN)/actionlint
	@go test ./tests/contract
unit: $(BIN)/gotestsum dynamodb-local ## run unit and store tests with the race detector
	@$(BIN)/gotestsum --format pkgname -- -race ./functions/... ./shared/... ./events/... ./tools/... ./tests/framework/... ./tests/security/... \
	  $(patsubst %,./tests/robustness/%/...,mutants linearizability fleet chaos)
model: $(SPIN) ## search every state of the saga's model and of its mutants
	@command -v cc >/dev/null || { echo "✗ spin and a C compiler are needed (apt install spin gcc)"; exit 1; }
	@go run ./tests/robustness/model "$(abspath $(SPIN))"
rules-test: $(PROMTOOL) need-go ## check every dashboard query, and that each alert fires at its limit and not below
	@go test ./infra/dashboards/...
	@mkdir -p .cache; go run ./tools/dash queries >.cache/queries.yml
	@$(PROMTOOL) check rules .cache/queries.yml infra/dashboards/alert/invochain.yml
	@$(PROMTOOL) test rules infra/dashboards/alert/*_test.yml
aws-check: $(BIN)/gotestsum $(CFN_LINT)/.installed ## test the CDK app as AWS would judge it: templates, limits, references, security findings, cfn-lint
	@$(BIN)/gotestsum --format pkgname -- ./infra
	@$(CFN_LINT)/bin/cfn-lint --ignore-checks W3005 -- infra/testdata/*.json
integration: $(LOCAL) dynamodb-local $(BIN)/gotestsum $(SCHEMATHESIS)/.installed ## test HTTP and queue requests on a stack of its own, then attack its API
	@$(call until-we-end,$(LOCAL) -dir $(TEST_STACK)); \
	$(LOCAL) -dir $(TEST_STACK) -port 0 up; \
	set -a; . $(TEST_STACK)/stack.env; set +a; \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 -run TestExactCounts ./tests/robustness/fleet; \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 -timeout 15m $(INTEGRATION); \
	$(call attack,$(TEST_STACK),-n 5 --seed 1)
attack: need-stack $(SCHEMATHESIS)/.installed ## send the running stack requests made from its description (EXAMPLES=50 per operation, SEED=)
	@$(ENV) $(call attack,.local,-n $(or $(EXAMPLES),50) $(if $(SEED),--seed $(SEED)))

# Runs Schemathesis with the options $(2). It keeps what it found in the folder $(1)/attack.
define attack
mkdir -p $(1)/attack; ( cd $(1)/attack; PYTHONPATH="$(CURDIR)/tools/schemathesis" \
  exec "$(CURDIR)/$(SCHEMATHESIS)/bin/schemathesis" --config-file "$(CURDIR)/tools/schemathesis/schemathesis.toml" \
  run "$$API_URL/openapi.json" $(2) )
endef

.PHONY: test-localstack on-integration on-walkthrough chaos
LOCALSTACK := $(LOCAL) -emulator localstack -dir .local/localstack
test-localstack: $(LOCAL) $(BIN)/gotestsum ## run the integration suite and the walkthrough on LocalStack (STAGE= for one)
	@$(LOCALSTACK) check
	@python3 -m unittest discover -q tools/local/localstack
	@$(call until-we-end,$(LOCALSTACK)); \
	$(LOCALSTACK) -port 0 up; set -a; . .local/localstack/stack.env; set +a; \
	for stage in $(or $(STAGE),walkthrough integration); do \
	  echo "── $$stage on LocalStack"; $(MAKE) --no-print-directory on-$$stage; \
	done; echo "── LocalStack passed in $$SECONDS s"
on-integration:
	@$(BIN)/gotestsum --format testname -- -tags integration -count 1 -timeout 15m $(INTEGRATION)
on-walkthrough:
	@go run ./tests/walkthrough

# Stops a stack when the recipe's shell ends. If the shell is killed, a watcher in a
# session of its own stops it. $(1) is the stack's command.
define until-we-end
setsid bash -c "tail --pid=$$$$ -f /dev/null; $(1) down" >/dev/null 2>&1 </dev/null & watcher=$$!; \
trap 'kill $$watcher; $(1) down >/dev/null' EXIT
endef

IAM := $(LOCAL) -emulator ministack-iam -dir .local/iam
# They reach every function.
IAM_TESTS := TestReplay|TestNumberTaken|TestOutOfStock|TestRespondAsync$$|TestOrderCompleted|TestWhatACustomer|TestHead|TestLists
IAM_TESTS := $(IAM_TESTS)|TestFailedSagas|TestMovements|TestWholesaler|TestRotateTheOperators|TestReceipts|TestEraseABuyer
.PHONY: test-iam
test-iam: $(LOCAL) $(BIN)/gotestsum ## run flows of the integration suite under enforced IAM policies, then probe each role (TESTS=. for all)
	@$(call until-we-end,$(IAM)); \
	$(IAM) -port 0 up; \
	set -a; . .local/iam/stack.env; set +a; \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 -timeout 15m -run '$(or $(TESTS),$(IAM_TESTS))' $(INTEGRATION); \
	$(BIN)/gotestsum --format testname -- -tags integration -count 1 ./tests/iam

CHAOS := $(LOCAL) -dir .local/chaos
chaos: $(LOCAL) dynamodb-local $(DASH) ## inject faults under load and check the promises (EXPERIMENT=inventory|dynamodb|kills|queues)
	@go build -o $(BIN)/dash ./tools/dash; go build -o $(BIN)/chaos ./tests/robustness/chaos
	@mkdir -p .local; rm -f .local/chaos.md; $(call until-we-end,$(CHAOS)); failed=""; \
	for experiment in $(or $(EXPERIMENT),inventory dynamodb kills queues); do \
	  $(CHAOS) -port 0 -faults up | grep '^\['; \
	  ended=0; ( set -a; . .local/chaos/stack.env; exec $(BIN)/chaos $$experiment -table .local/chaos.md ) || ended=$$?; \
	  $(CHAOS) down >/dev/null; \
	  test $$ended != 130 || exit 130; test $$ended = 0 || failed="$$failed $$experiment"; \
	done; echo; cat .local/chaos.md; test -z "$$failed" || { echo "✗ failed:$$failed"; exit 1; }

.PHONY: crash crash-some histories verify mutants
crash: $(BIN)/gotestsum dynamodb-local functions ## fail every write of a request, alone and in pairs (CASE= for one, PAIRS=50: one pair in 50)
	@$(BIN)/gotestsum --format dots-v2 -- -count 1 -parallel 8 -timeout 300m -run '$(or $(value CASE),.)' ./tests/robustness/crash -pairs $(or $(PAIRS),1)
crash-some:
	@$(MAKE) --no-print-directory crash PAIRS=150
histories: $(BIN)/gotestsum dynamodb-local ## check the promises over random histories (CHECKS=500 for more, SEED= to replay one)
	@$(BIN)/gotestsum --format standard-verbose -- -count 1 -timeout 60m ./tests/robustness/statemachine -rapid.checks=$(or $(CHECKS),40) -rapid.seed=$(or $(SEED),0)
verify: need-stack ## check the running stack for linearizability with Porcupine (CLIENTS= OPS= SEED=)
	@$(ENV) go run ./tests/robustness/linearizability -clients $(or $(CLIENTS),10) -ops $(or $(OPS),2000) $(if $(SEED),-seed $(SEED))
mutants: dynamodb-local ## remove each guard once and name the test that fails (M=word for some)
	@go run ./tests/robustness/mutants "$(M)"

# --- security ---

.PHONY: security secrets sbom
security: need-stack $(LOCAL) ## run the tests of the 18 security controls, on the running stack and one that enforces IAM: PASS, FAIL or coming
	@$(call until-we-end,$(IAM)); $(IAM) -port 0 up; go run ./tests/security
secrets: $(BIN)/gitleaks ## search the history for secrets
	@$(BIN)/gitleaks git --no-banner --redact .
sbom: build $(BIN)/cyclonedx-gomod ## write what each function for AWS is made of to dist (CycloneDX; ARCH=arm64)
	@for binary in dist/$(ARCH)/*/bootstrap; do \
	  bom="$$(dirname "$$binary").cdx.json"; \
	  GOOS=linux GOARCH=$(ARCH) $(BIN)/cyclonedx-gomod bin -json -std -version "$$(git rev-parse HEAD)" -output "$$bom" "$$binary"; \
	  for module in $$(go version -m "$$binary" | awk '$$1 == "dep" { print $$2 "@" $$3 }'); do \
	    grep -qF "\"pkg:golang/$$module?" "$$bom" || { echo "✗ $$bom lacks $$module"; exit 1; }; \
	  done; echo "$$bom: $$(grep -c '"purl"' "$$bom") components"; \
	done

.PHONY: build functions fmt golden
ARCH ?= arm64
build: $(LOCAL) ## build the functions for a deployment to AWS (ARCH=arm64)
	@$(LOCAL) build $(ARCH)
functions: $(LOCAL)
	@$(LOCAL) build $$(go env GOARCH)
fmt: $(BIN)/golangci-lint ## format all Go files
	@$(BIN)/golangci-lint fmt
golden: ## rewrite the golden templates, dashboards and rules after an intended change
	@go test ./infra ./infra/dashboards -update

.PHONY: clean
clean: down ## stop all stacks and delete what was built (downloads stay in .cache)
	@for dir in $(TEST_STACK) .local/smoke .local/chaos .local/iam; do test ! -d $$dir || $(LOCAL) -dir $$dir down; done
	@rm -rf dist cdk.out .local
