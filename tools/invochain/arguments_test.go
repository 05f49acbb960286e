package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsMissingIsNamed: before anything is connected to, and in the words of make.
func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Setenv("USER", "")
	t.Setenv("OPERATOR", "")
	t.Setenv("API_URL", "")
	for args, want := range map[string]string{
		"":                                     "usage: ",
		"nope":                                 "usage: ",
		"redrive":                              "missing: SAGA= OPERATOR=; use make redrive SAGA=id",
		"redrive -":                            "missing: SAGA=",
		"find":                                 "make find SAGA=id, REQUEST=request_id",
		"find -saga x -key y":                  "make find SAGA=id, REQUEST=request_id",
		"find -key x":                          "missing: MERCHANT=; use make find MERCHANT=merchant-123 KEY=x",
		"find -number x":                       "missing: MERCHANT= YEAR=; use make find",
		"find -request x'":                     "REQUEST= takes the request_id",
		"find -nope":                           "not defined: -nope",
		"sagas -state aborted":                 "missing: MERCHANT=; use make sagas",
		"sagas -merchant m":                    "API_URL is not set",
		"dlq nope -queue q -why w -operator o": "usage: ",
		"audit -merchant m":                    "missing: PERIOD=; use make audit PERIOD=2026-11",
		"audit -period 2026-13":                "PERIOD= must be a month",
		"audit -period 2026-11 -merchant a/b":  "MERCHANT=a/b is not a merchant's id",
		"audit -period 2026-11 m":              "usage: ",
		"dlq redrive":                          "missing: QUEUE= WHY= OPERATOR=; use make dlq-redrive",
		"dlq drop -queue q -why w -operator o": "missing: ID= or ALL=1",
		"dlq drop -queue q -why w -id 1":       "missing: OPERATOR=; use make dlq-drop",
		"dlq drop -all -queue q -operator o":   "missing: WHY=",
		"dlq drop -all -id 1 -queue q -why w -op o": "not defined: -op",
		"breaker nope":              "usage: ",
		"breaker open - stock take": "missing: OPERATOR=; use make breaker-open",
		"series - INV - S -":        "missing: MERCHANT= YEAR= NEXT= OPERATOR=; use make series",
		"series m INV 2526 S 1":     "missing: OPERATOR=; use make series",
		"keys rotate":               "missing: OPERATOR=; use OPERATOR=name invochain keys rotate",
	} {
		t.Run(args, func(t *testing.T) {
			fields := strings.Fields(args)
			for i, f := range fields {
				if f == "-" { // stands for an empty value
					fields[i] = ""
				}
			}
			require.ErrorContains(t, run(t.Context(), fields), want)
		})
	}
}

func TestASeriesContinuesAtANumber(t *testing.T) {
	t.Setenv("OPERATOR", "asha")
	require.ErrorContains(t, run(t.Context(), []string{"series", "m", "INV", "2526", "S", "x"}), "NEXT=x is not a number")
}

func TestTheOperatorIsTheLoginName(t *testing.T) {
	t.Setenv("USER", "asha")
	require.Equal(t, "asha", operator(""))
	require.Equal(t, "ravi", operator("ravi"))
}
