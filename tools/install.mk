# Downloads and installers, included by the Makefile. Everything goes to .cache, at pinned
# versions.
PROMTOOL := $(or $(shell command -v promtool),.cache/promtool/usr/bin/promtool)
SPIN := $(or $(shell command -v spin),.cache/spin/usr/bin/spin)
CFN_LINT := .cache/cfn-lint
SCHEMATHESIS := .cache/schemathesis
DASH := $(BIN)/victoria-metrics $(BIN)/vmalert

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "✗ Go 1.26 is needed (https://go.dev/dl) and not on the PATH"; exit 1; }

# Each tool has a go.mod of its own, since their dependencies conflict.
$(BIN)/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(BIN)/gotestsum: PACKAGE := gotest.tools/gotestsum
$(BIN)/actionlint: PACKAGE := github.com/rhysd/actionlint/cmd/actionlint
$(BIN)/victoria-metrics: PACKAGE := github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics
$(BIN)/vmalert: PACKAGE := github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert
$(BIN)/k6: PACKAGE := go.k6.io/k6
$(BIN)/golangci-lint $(BIN)/gotestsum: PINS := tools/linter/go.mod
$(BIN)/actionlint: PINS := tools/actionlint/go.mod
$(BIN)/k6: PINS := tools/k6/go.mod
$(BIN)/gitleaks: PACKAGE := github.com/zricethezav/gitleaks/v8
$(BIN)/gitleaks: PINS := tools/gitleaks/go.mod
$(BIN)/cyclonedx-gomod: PACKAGE := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
$(BIN)/cyclonedx-gomod: PINS := tools/cyclonedx/go.mod
$(DASH): PINS := tools/victoriametrics/go.mod
$(DASH): export CGO_ENABLED := 0
$(BIN)/golangci-lint $(BIN)/gotestsum: tools/linter/go.mod
$(BIN)/actionlint: tools/actionlint/go.mod
$(BIN)/k6: tools/k6/go.mod
$(BIN)/gitleaks: tools/gitleaks/go.mod
$(BIN)/cyclonedx-gomod: tools/cyclonedx/go.mod
$(DASH): tools/victoriametrics/go.mod
$(BIN)/golangci-lint $(BIN)/gotestsum $(BIN)/actionlint $(BIN)/k6 $(BIN)/gitleaks $(BIN)/cyclonedx-gomod $(DASH): | need-go
	@echo "building $(notdir $@) (once)"
	@go build -modfile=$(PINS) -o $@ $(PACKAGE)

.PHONY: dynamodb-local
dynamodb-local: .cache/dynamodb-local/.fetched ## download DynamoDB Local
.cache/dynamodb-local/.fetched: tools/dynamodb-local/pom.xml
	@for program in javac mvn; do command -v $$program >/dev/null || \
	  { echo "✗ $$program is needed: DynamoDB Local comes by Maven and runs on a JDK 17 (apt install maven openjdk-17-jdk-headless)"; exit 1; }; done
	@echo "fetching DynamoDB Local (once)"
	@mvn -q -B -f tools/dynamodb-local/pom.xml dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/.cache/dynamodb-local"
	@touch $@

# What bench-peers compares with.
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
# dtm listens on all interfaces; this patches a copy of its module to listen on loopback.
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

# Debian packages, unpacked without root; they need only libc.
.cache/promtool/usr/bin/promtool:
	@echo "fetching promtool (once)"; mkdir -p .cache/promtool; cd .cache/promtool; \
	{ apt-get -qq download prometheus || { test "$$(id -u)" = 0 && apt-get -qq update && apt-get -qq download prometheus; }; } 2>/dev/null \
	  && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && rm prometheus_*.deb \
	  || { echo "✗ promtool is needed (apt install prometheus)"; exit 1; }

.cache/spin/usr/bin/spin:
	@echo "fetching spin (once)"; mkdir -p .cache/spin; cd .cache/spin; \
	{ apt-get -qq download spin || { test "$$(id -u)" = 0 && apt-get -qq update && apt-get -qq download spin; }; } 2>/dev/null \
	  && dpkg -x spin_*.deb . || { echo "✗ spin and a C compiler are needed (apt install spin gcc)"; exit 1; }

$(CFN_LINT)/.installed: tools/cfn-lint/requirements.txt
	@echo "installing cfn-lint (once)"; python3.11 -m venv --clear $(CFN_LINT)
	@$(CFN_LINT)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SCHEMATHESIS)/.installed: tools/schemathesis/requirements.txt
	@echo "installing Schemathesis (once)"; python3.11 -m venv --clear $(SCHEMATHESIS)
	@$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.cache/plot/.installed: tools/plot/requirements.txt
	@echo "installing matplotlib (once)"; python3.11 -m venv --clear .cache/plot
	@.cache/plot/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
