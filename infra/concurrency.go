package main

import (
	"math"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// Lambda runs at most so many instances of all functions of an account and region, 1,000 by default.
// The setting `concurrency` is this cell's part of them. Of it the functions below have theirs
// reserved, which is also the most that each may use:
//
//   - A sale holds an instance of create-invoice and, while that waits, one of reserve-inventory. At
//     1,000 sales a second, of 80 and 40 ms, they hold 80 and 40. When the inventory hangs, each holds
//     both for up to 5 s until the breaker opens: 300 are the most that a hanging inventory gets.
//   - reserve-inventory serves those 300, books sales (a queue) and serves the stock's routes.
//   - The compensations and settle-saga: Step Functions starts at most 150 to 300 executions a second,
//     each of which holds one of them at a time, for 50 ms each.
//   - log-audit and publish-event: more than their queues' mappings may use, or Lambda would throttle
//     the poller, which counts as a receive of each message.
//   - recover-sagas and seal-audit: one run, and one that has not ended.
//
// They are 807 of 1,000. The others, 193, are for serve-api, issue-token and what runs now and then.
// AWS keeps 100 unreserved in an account, so that two cells fit one with 1,000: each with 500.
const defaultConcurrency = 1000

// reservations returns the reserved concurrency of the functions in a cell with defaultConcurrency.
func reservations() map[string]float64 {
	return map[string]float64{
		createInvoice: 300, reserveInventory: 350,
		deleteInvoice: 10, releaseInventory: 20, returnStock: 10, voidNumber: 10, settleSaga: 20,
		logAudit: 40, publishEvent: 40, recoverSagas: 5, sealAudit: 2,
	}
}

// concurrencyOf returns the setting `concurrency`; 0 reserves nothing, which is for emulators.
func concurrencyOf(app awscdk.App) float64 {
	n, err := strconv.Atoi(setting(app, "concurrency", strconv.Itoa(defaultConcurrency)))
	if err != nil || n != 0 && n < defaultConcurrency/2 {
		panic("infra: concurrency must be 0, or a number from 500")
	}
	return float64(n)
}

// reserved returns the concurrency that a function has reserved, in a cell with that of the setting;
// nil if it has none.
func (s *service) reserved(name string) *float64 {
	share, has := reservations()[name]
	if !has || s.concurrency == 0 {
		return nil
	}
	n := math.Ceil(share * s.concurrency / defaultConcurrency)
	return &n
}

// unreserved returns the concurrency that the functions without a reservation share.
func (s *service) unreserved() float64 {
	left := s.concurrency
	for name := range reservations() {
		if n := s.reserved(name); n != nil {
			left -= *n
		}
	}
	return left
}
