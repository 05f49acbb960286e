package main

// search is one run of Spin. Its bounds keep it exhaustive in less than a minute.
type search struct {
	name   string
	guard  string // the #ifdef that removes it; empty for the right model
	calls  int    // runs of create-invoice
	faults int    // compensations that crash, fail or are slow; recoveries that crash
	late   int    // messages that arrive late, or twice
	units  int    // of stock
	breaks string // the property that the mutant must break
}

// scopes of the right model.
func scopes() []search {
	return []search{
		{name: "3 runs", calls: 3, units: 1},
		{name: "2 runs, 2 late messages", calls: 2, late: 2, units: 1},
		{name: "2 runs, 1 fault of undoing, 1 late message", calls: 2, faults: 1, late: 1, units: 1},
	}
}

// mutants in the smallest scope that shows what their guard is for.
func mutants() []search {
	const (
		one, negative, stuck        = "P1_oneInvoice", "P3_neverNegative", "P4_stuckOnlyIfFailed"
		ended, partial, late, owner = "P4_sagaEnded", "P5_noPartialState", "P8_lateStepHarmless", "P9_onlyOwnerFinishes"
	)
	return []search{
		{"a key that is answered is not claimed", "NO_REPLAY", 2, 0, 0, 2, one},
		{"a key that is worked on is not claimed, but taken over", "NO_BUSY", 2, 0, 0, 1, partial},
		{"a claim takes the record that it saw", "NO_SEEN_CLAIM", 2, 0, 1, 1, partial},
		{"owner token and fence", "NO_OWNER", 2, 0, 0, 1, owner},
		{"invoice and key in one transaction", "SPLIT_COMMIT", 1, 0, 0, 1, partial},
		{"undoing holds the key", "NO_HOLD", 1, 0, 0, 1, partial},
		{"an unknown result is compensated", "NO_UNKNOWN_UNDO", 1, 0, 1, 1, late},
		{"a resumed saga is not aborted by the breaker", "NO_RESUMED", 2, 0, 1, 1, late},
		{"whoever starts the undoing knows all that is owed", "NO_PENDING_CONDITION", 1, 1, 0, 1, stuck},
		{"recovery abandons what it saw", "NO_SEEN_CONDITION", 1, 0, 0, 1, stuck},
		{"a settlement is of the saga and redrive that it read", "NO_STATE_CONDITION", 2, 1, 0, 1, partial},
		{"recovery", "NO_RECOVERY", 1, 0, 0, 1, ended},
		{"a Release without a Reserve leaves a barrier", "NO_BARRIER", 1, 0, 1, 1, late},
		{"a refusal leaves a barrier", "NO_REFUSAL_BARRIER", 1, 0, 1, 1, late},
		{"a Reserve takes stock once", "NO_ONCE", 1, 0, 1, 1, negative},
		{"a reservation ends once", "NO_RELEASE_ONCE", 1, 1, 0, 1, negative},
		{"stock is taken if there is some", "NO_STOCK_CONDITION", 1, 0, 0, 1, negative},
	}
}
