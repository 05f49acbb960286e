# Benchmarks (docs/benchmarks.md) and load tests, included by the Makefile.

.PHONY: bench bench-peers
bench: need-stack ## measure the figures of docs/benchmarks.md on the running stack
	@$(ENV) go run ./tests/performance/bench
bench-peers: dynamodb-local peers ## compare with other libraries (PEER=idempotency|lock|saga|breaker for one part)
	@go build -o $(PEERS)/bench ./tests/performance/peers && $(PEERS)/bench $(PEER)

.PHONY: cost
cost: $(BIN)/gotestsum dynamodb-local functions ## count what an invoice takes, and print what a million cost (docs/prices.json)
	@$(BIN)/gotestsum --format dots-v2 -- -count 1 ./docs ./tests/performance/cost
	@go run ./tests/performance/cost

.PHONY: scale
scale: $(BIN)/gotestsum ## simulate a cell at 100, 1,000 and 10,000 invoices/s: what each component serves, and which breaks first
	@$(BIN)/gotestsum --format dots-v2 -- -count 1 ./tests/performance/scale
	@go run ./tests/performance/scale

.PHONY: contention contention-some
contention: $(LOCAL) dynamodb-local $(BIN)/gotestsum ## what a SKU, a series and the audit log bear under DynamoDB's conflict rule, in process and deployed (DURATION=20s)
	@$(call contend,$(if $(filter command,$(origin DURATION)),$(DURATION),20s) -part 1)
	@$(MAKE) --no-print-directory load-smoke
contention-some: dynamodb-local $(BIN)/gotestsum
	@$(call contend,3s)
contend = $(BIN)/gotestsum --format testname -- -count 1 -v ./tests/performance/contention -duration $(1)

.PHONY: compare
compare: ## compare what an invoice takes in processor time with another version, in turns (BASE=commit ROUNDS=3 DURATION=1m)
	@test -n "$(BASE)" || { echo "✗ BASE=commit is needed"; exit 1; }
	@go run ./tests/performance/compare -base $(BASE) -rounds $(or $(ROUNDS),3) -duration $(if $(filter command,$(origin DURATION)),$(DURATION),1m)

.PHONY: load load-queue load-smoke ceiling ramp soak
DURATION ?= 5m
LOAD = $(ENV) go run ./tests/performance/load
load: need-stack $(BIN)/k6 ## load the HTTP door at 70 and 90 % of the rate of bare functions, then check the invariants (RATE= instead, DURATION=5m each)
	@$(LOAD) http -rate $(or $(RATE),0) -duration $(DURATION)
load-queue: need-stack ## load the queue door, compare with bare functions, then check the invariants (DURATION=5m)
	@$(LOAD) queue -duration $(DURATION)
ceiling: need-stack ## compare with bare functions that make the same AWS calls (DURATION=5m)
	@$(LOAD) ceiling -duration $(DURATION)
ramp: need-stack .cache/plot/.installed ## load with 1 to 400 clients in steps: a table, .local/load/ramp.csv and .png (DURATION=5m)
	@$(LOAD) ramp -duration $(DURATION)
soak: DURATION = 30m
soak: need-stack $(BIN)/k6 ## load for long at half the rate of bare functions, and compare memory, files and sockets (RATE= instead, DURATION=30m)
	@$(LOAD) soak -rate $(or $(RATE),0) -duration $(DURATION)
SMOKE := $(LOCAL) -dir .local/smoke
load-smoke: $(LOCAL) dynamodb-local $(BIN)/k6 ## load both doors briefly on a stack whose tables have DynamoDB's conflict rule, and check the invariants
	@$(call until-we-end,$(SMOKE)); \
	go build -o $(BIN)/load ./tests/performance/load; \
	$(SMOKE) -port 0 -faults -hold 25ms up; \
	set -a; . .local/smoke/stack.env; set +a; \
	load="setpriv --pdeathsig TERM $(BIN)/load"; \
	$$load http -smoke -rate 10 -duration 30s -dir .local/smoke/load; \
	$$load queue -smoke -rate 20 -duration 10s -dir .local/smoke/load; \
	echo "writes that DynamoDB's rules refused: $$(curl -fsS "$$INVOCHAIN_FAULTS_URL/_faults")"
