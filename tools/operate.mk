# What an operator does (docs/runbooks/README.md), included by the Makefile.

# A variable of the command line is in the environment of its recipe, so that a value with
# quotation marks arrives as it is. $(call flags,QUEUE ID) gives -queue "${QUEUE-}" -id "${ID-}".
flags = $(foreach name,$(1),-$(shell echo $(name) | tr A-Z a-z) "$${$(name)-}")
INVOCHAIN := $(BIN)/invochain
OPERATE = $(ENV) exec $(INVOCHAIN)
.PHONY: $(INVOCHAIN) find sagas stuck audit redrive dlq dlq-redrive dlq-drop migrate series
$(INVOCHAIN): need-go
	@go build -o $@ ./tools/invochain
find: need-stack $(INVOCHAIN) ## show what happened to a request (SAGA= | REQUEST= | MERCHANT= KEY= | MERCHANT= NUMBER= YEAR=2526)
	@$(OPERATE) find $(call flags,SAGA REQUEST MERCHANT KEY NUMBER YEAR TYPE)
sagas: need-stack $(INVOCHAIN) ## list a merchant's sagas (MERCHANT= STATE=STUCK); without MERCHANT, all stuck ones
	@$(OPERATE) sagas $(call flags,MERCHANT STATE)
stuck: need-stack $(INVOCHAIN) ## list stuck sagas
	@$(OPERATE) sagas
redrive: need-stack $(INVOCHAIN) ## redrive a stuck saga from the compensation that failed (SAGA=id WHY= OPERATOR=)
	@$(OPERATE) redrive "$${SAGA-}"
audit: need-stack $(INVOCHAIN) ## list a merchant's entries in the audit log (PERIOD=2026-11 MERCHANT=); without MERCHANT, acts on the platform
	@$(OPERATE) audit $(call flags,MERCHANT PERIOD)
dlq: need-stack $(INVOCHAIN) ## list dead letters with their reasons (QUEUE=requests: of one queue)
	@$(OPERATE) dlq $(call flags,QUEUE)
dlq-redrive: need-stack $(INVOCHAIN) ## send dead letters to their queue again (QUEUE= WHY= OPERATOR=; ID= for one)
	@$(OPERATE) dlq redrive $(call flags,QUEUE ID WHY OPERATOR)
dlq-drop: need-stack $(INVOCHAIN) ## delete a dead letter for good (QUEUE= ID= WHY= OPERATOR=; ALL=1 instead of ID= for all)
	@$(OPERATE) dlq drop $(if $(filter 1,$(ALL)),-all) $(call flags,QUEUE ID WHY OPERATOR)
migrate: need-stack $(INVOCHAIN) ## once after an upgrade: bring records of the earlier version up to date
	@$(OPERATE) migrate
series: need-stack $(INVOCHAIN) ## continue a number series of other software (MERCHANT= TYPE=INV YEAR=2526 SERIES= NEXT= WHY= OPERATOR=)
	@$(OPERATE) series "$${MERCHANT-}" "$${TYPE-}" "$${YEAR-}" "$${SERIES-}" "$${NEXT-}"

.PHONY: breaker breaker-open breaker-close breaker-auto
breaker: need-stack $(INVOCHAIN) ## show the state of the inventory's circuit breaker
	@$(OPERATE) breaker
breaker-open breaker-close breaker-auto: need-stack $(INVOCHAIN)
	@$(OPERATE) breaker $(@:breaker-%=%) "$${WHY-}"
breaker-open: ## force it open: no call to the inventory (WHY="stock take" OPERATOR=name)
breaker-close: ## force it closed: every call goes through (WHY= OPERATOR=)
breaker-auto: ## end a forced state (WHY= OPERATOR=)

.PHONY: limits limits-set limits-default
limits: need-stack $(INVOCHAIN) ## show a merchant's rate limit and what is left of it (MERCHANT=)
	@$(OPERATE) limits $(call flags,MERCHANT)
limits-set: need-stack $(INVOCHAIN) ## give a merchant a rate of its own (MERCHANT= PER_SECOND= BURST= WHY= OPERATOR=)
	@$(OPERATE) limits -per-second "$${PER_SECOND-}" $(call flags,MERCHANT BURST WHY OPERATOR)
limits-default: need-stack $(INVOCHAIN) ## give it the plan's rate again (MERCHANT= WHY= OPERATOR=)
	@$(OPERATE) limits -default $(call flags,MERCHANT WHY OPERATOR)
