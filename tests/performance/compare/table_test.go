package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Parallel()
	spent, err := parse("noise\n| CPU time, ms per invoice | bare functions | InvoChain |\n|---|---|---|\n" +
		"| tables | 1.00 | 12.50 |\n| all | 20.00 | 31.00 |\n\nshare of the ceiling: 90 %\n")
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"tables": 12.5, "all": 31}, spent)
	_, err = parse("make: *** [ceiling] Error 1\n")
	require.ErrorIs(t, err, errNoTable)
}

func TestTable(t *testing.T) {
	t.Parallel()
	base := version{name: "old", measured: []map[string]float64{{"all": 40}, {"all": 36}, {"all": 50}}}
	this := version{name: "this", measured: []map[string]float64{
		{"all": 30, "log": 1}, {"all": 27, "log": 2}, {"all": 25, "log": 3},
	}}
	require.Equal(t, "| CPU time, ms an invoice | old | this | ratio | rounds |\n|---|---|---|---|---|\n"+
		"| all | 40.00 | 27.00 | 0.75 | 0.50 to 0.75 |\n| log | – | 2.00 | – | – |\n", table(base, this))
}
