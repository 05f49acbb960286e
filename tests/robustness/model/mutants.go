package main

// search is one run of Spin. Its bounds keep it exhaustive within a minute.
type search struct {
	name   string
	guard  string // the #ifdef that removes the guard; empty for the correct model
	calls  int    // runs of create-invoice
	faults int    // compensations that crash, fail or are slow; recoveries that crash
	late   int    // messages that arrive late or twice
	units  int    // of stock
	breaks string // the property that the mutant must break
}

// scopes are the searches of the correct model.
func scopes() []search {
	return []search{
		{name: "3 runs", calls: 3, units: 1},
		{name: "2 runs, 2 late messages", calls: 2, late: 2, units: 1},
		{name: "2 runs, 1 fault in a compensation, 1 late message", calls: 2, faults: 1, late: 1, units: 1},
	}
}

// mutants are the searches without one guard, in the smallest scope that needs it.
func mutants() []search {
	const (
		one, negative, stuck        = "P1_oneInvoice", "P3_neverNegative", "P4_stuckOnlyIfFailed"
		ended, partial, late, owner = "P4_sagaEnded", "P5_noPartialState", "P8_lateStepHarmless", "P9_onlyOwnerFinishes"
	)
	return []search{
		{"an answered key is not claimed", "NO_REPLAY", 2, 0, 0, 2, one},
		{"a key in progress is not claimed but taken over", "NO_BUSY", 2, 0, 0, 1, partial},
		{"a claim replaces only the record that it read", "NO_SEEN_CLAIM", 2, 0, 1, 1, partial},
		{"only the owner token and fence may write", "NO_OWNER", 2, 0, 0, 1, owner},
		{"invoice and key commit in one transaction", "SPLIT_COMMIT", 1, 0, 0, 1, partial},
		{"a compensation locks the key", "NO_HOLD", 1, 0, 0, 1, partial},
		{"an unknown result is compensated", "NO_UNKNOWN_UNDO", 1, 0, 1, 1, late},
		{"the breaker does not abort a resumed saga", "NO_RESUMED", 2, 0, 1, 1, late},
		{"an execution starts with all pending compensations", "NO_PENDING_CONDITION", 1, 1, 0, 1, stuck},
		{"recovery abandons only the record that it read", "NO_SEEN_CONDITION", 1, 0, 0, 1, stuck},
		{"a settlement applies to the saga and redrive that it read", "NO_STATE_CONDITION", 2, 1, 0, 1, partial},
		{"recovery runs", "NO_RECOVERY", 1, 0, 0, 1, ended},
		{"a Release without a Reserve leaves a barrier", "NO_BARRIER", 1, 0, 1, 1, late},
		{"a refusal leaves a barrier", "NO_REFUSAL_BARRIER", 1, 0, 1, 1, late},
		{"a Reserve takes stock once", "NO_ONCE", 1, 0, 1, 1, negative},
		{"a reservation ends once", "NO_RELEASE_ONCE", 1, 1, 0, 1, negative},
		{"stock is taken only if on hand", "NO_STOCK_CONDITION", 1, 0, 0, 1, negative},
	}
}
