package events

import "time"

// StepFailed returns the event that a step after the commit was abandoned: recovery and
// an operator's redrive still try it.
func StepFailed(sagaID, merchantID, step string, at time.Time) (Event, error) {
	data := SagaFailed{Reason: "retries_exhausted", Step: step}
	return New(SagaStepFailed, sagaID, merchantID, at.UTC().Format(time.RFC3339), data)
}
