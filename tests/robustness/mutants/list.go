package main

import "slices"

// mutants lists the guards. A guard that is added belongs in one of these.
func mutants() []mutant {
	return slices.Concat(keyMutants(), sagaMutants(), lockMutants(), edgeMutants(), breakerMutants(), historyMutants(), metricMutants())
}
