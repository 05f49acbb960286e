package main

// cancelMutants are the guards of cancellations.
func cancelMutants() []mutant {
	const saga, issuance, invoice = "shared/durable/saga/", "shared/issuance/", "shared/invoice/"
	return []mutant{
		{
			"cancel: one cancellation holds an invoice", invoice + "cancel.go",
			"expression.AttributeNotExists(expression.Name(cancelled)).\n\t\t\tAnd(notes.AttributeNotExists()" +
				".Or(notes.Equal(expression.Value(0)))))",
			"notes.AttributeNotExists().Or(notes.Equal(expression.Value(0))))",
			"./shared/issuance", "OfTwoCancellations",
		},
		{
			"cancel: no note corrects a held invoice", invoice + "cancel.go",
			"\n\t\t\tAnd(notes.AttributeNotExists().Or(notes.Equal(expression.Value(0)))))",
			"Or(notes.Equal(expression.Value(0))))",
			"./shared/issuance", "ANoteOrACancellation",
		},
		{
			"cancel: only the saga that holds an invoice voids it", invoice + "cancel.go",
			"if c.SagaID != sagaID {", "if c.SagaID == \"\" && sagaID == \"\" {",
			"./shared/issuance", "VoidsItsOwn",
		},
		{
			"cancel: a step belongs to a saga that is cancelling", saga + "hold.go",
			"expression.Value(Cancelling))",
			"expression.Value(Committed)).Or(expression.Name(\"state\").NotEqual(expression.Value(\"\")))",
			"./shared/issuance", "StepAfterItsSaga",
		},
		{
			"cancel: until the return is due", issuance + "cancel.go",
			"case gst.DayInIndia(c.Now()) > until:", "case until == \"\":",
			"./shared/issuance", "WhatCannotBeCancelled",
		},
		{
			"cancel: what was sold comes back", "shared/inventory/return.go",
			"r.Returns = true", "r.Returns = false",
			"./shared/issuance", "TestCancel$",
		},
		{
			"cancel: a sale is booked before it comes back", "shared/inventory/return.go",
			"if err := s.Confirm(ctx, soldBy); err != nil {", "if err := ctx.Err(); err != nil {",
			"./shared/issuance", "TestCancel$",
		},
		{
			"cancel: it frees the external id", invoice + "cancel.go",
			"external, err := s.releaseExternalID(r)", "external, err := s.releaseExternalID(row{})",
			"./shared/issuance", "ExternalIDsAreUnique",
		},
		{
			"cancel: recovery goes on with it", "functions/recover-sagas/handler.go",
			"case saga.Compensating, saga.Cancelling, saga.Stuck:", "case saga.Compensating, saga.Stuck:",
			"./functions/recover-sagas", "CancellationsAreRedriven",
		},
		{
			"cancel: it is settled once", saga + "settle.go",
			"r.Cancels && r.State.committed() || ", "",
			"./shared/issuance", "SettledTwice",
		},
	}
}
