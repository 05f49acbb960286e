package main

import "slices"

// mutants lists all guards. Add a new guard to one of these lists.
func mutants() []mutant {
	return slices.Concat(
		keyMutants(), sagaMutants(), requestMutants(), cancelMutants(), lockMutants(), edgeMutants(), auditLogMutants(),
		breakerMutants(),
		historyMutants(), metricMutants(), operatorMutants(), readMutants(),
		infraMutants(), callerMutants(), clientMutants(), limitMutants(), credentialMutants(), signInMutants(),
		gstMutants(), privacyMutants(), erasureMutants(), exportMutants(),
	)
}
