package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/operations"
)

func TestLimitsAreCheckedFirst(t *testing.T) {
	t.Setenv("OPERATOR", "")
	t.Setenv("USER", "")
	set := func(perSecond, burst string) []string {
		return []string{
			"-per-second", perSecond, "-merchant", "m", "-burst", burst, "-why", "sale", "-operator", "asha",
		}
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no merchant":     {[]string{"-merchant", ""}, "missing: MERCHANT="},
		"nothing":         {nil, "missing: MERCHANT="},
		"a word":          {[]string{"m"}, "usage"},
		"an unknown flag": {[]string{"-merchants", "m"}, "usage"},
		"no act":          {[]string{"-merchant", "m", "-why", "sale"}, "missing: OPERATOR= PER_SECOND= BURST="},
		"no burst":        {set("200", ""), "missing: BURST="},
		"no number":       {set("many", "400"), "whole numbers"},
		"too many":        {set("20000", "400"), "from 1 to 10000"},
		"too much":        {set("1", "61"), "from 1 to 60"},
		"default of none": {[]string{"-default"}, "missing: MERCHANT= WHY= OPERATOR="},
		"both":            {append(set("200", "400"), "-default"), "not both"},
		"default for no reason": {
			[]string{"-default", "-merchant", "m", "-why", "", "-operator", "asha"}, "missing: WHY=",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseLimits(tc.args)
			require.ErrorContains(t, err, tc.want)
		})
	}
	for _, args := range [][]string{
		{"-merchant", "m"}, set("200", "400"), {"-default", "-merchant", "m", "-why", "sale", "-operator", "asha"},
	} {
		_, err := parseLimits(args)
		require.NoError(t, err)
	}
}

// nothing records acts nowhere.
type nothing struct{}

func (nothing) Record(context.Context, events.Act) error { return nil }

func TestLimitsOfAMerchantThatExists(t *testing.T) {
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Platform
	s := &operations.System{
		Merchants: merchant.NewStore(db, table, time.Now), Limits: limit.NewStore(db, table, time.Now), Now: time.Now,
		Acts: nothing{},
	}
	require.NoError(t, s.Merchants.Put(t.Context(), merchant.Profile{ID: "m", Name: "M", GSTIN: "29ABCDE1234F1Z5"}))
	run := func(args ...string) error {
		execute, err := parseLimits(append(args, "-why", "sale", "-operator", "asha"))
		require.NoError(t, err)
		return execute(t.Context(), s)
	}
	override := func(id string) limit.Rate {
		state, err := s.Limits.Read(t.Context(), limit.PerMerchant().Key(id))
		require.NoError(t, err)
		return state.Override
	}
	require.ErrorContains(t, run("-merchant", "typo", "-per-second", "200", "-burst", "400"), "merchant_not_found")
	require.Zero(t, override("typo"))
	require.NoError(t, run("-merchant", "m", "-per-second", "200", "-burst", "400"))
	require.Equal(t, limit.Rate{PerSecond: 200, Burst: 400}, override("m"))
	require.NoError(t, run("-merchant", "m", "-default"))
	require.Zero(t, override("m"))
}

func TestDescribeLimit(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	require.Equal(t, "m  50/s, 100 at once  by the plan\n  now      100 of 100 left\n",
		describeLimit("m", limit.State{}, now))
	s := limit.State{
		TAT: now.Add(time.Second), Override: limit.Rate{PerSecond: 200, Burst: 400},
		ChangedAt: now, ChangedBy: "asha", Reason: "sale",
	}
	require.Equal(t, "m  200/s, 400 at once  by an operator\n  since    2023-11-14T22:13:20Z, by asha: sale\n"+
		"  now      200 of 400 left\n", describeLimit("m", s, now))
	s.TAT = now.Add(time.Minute)
	require.Contains(t, describeLimit("m", s, now), "0 of 400 left")
}
