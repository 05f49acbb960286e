package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/erasure"
)

// TestBackups: 35 days of daily ones and 12 months of monthly ones, in a vault that is locked.
func TestBackups(t *testing.T) {
	vaults := resources(protectionStack, "AWS::Backup::BackupVault")
	require.Len(t, vaults, 1)
	for _, p := range vaults {
		require.Equal(t, map[string]any{
			"MinRetentionDays": 35.0, "MaxRetentionDays": 365.0, "ChangeableForDays": 7.0,
		}, p["LockConfiguration"])
	}
	plans := resources(protectionStack, "AWS::Backup::BackupPlan")
	require.Len(t, plans, 1)
	for _, p := range plans {
		kept := map[string]any{}
		for _, r := range p["BackupPlan"].(map[string]any)["BackupPlanRule"].([]any) {
			r := r.(map[string]any)
			kept[r["RuleName"].(string)+" "+r["ScheduleExpression"].(string)] = r["Lifecycle"]
		}
		require.Equal(t, map[string]any{
			"Daily cron(30 20 * * ? *)":   map[string]any{"DeleteAfterDays": 35.0},
			"Monthly cron(30 21 1 * ? *)": map[string]any{"DeleteAfterDays": 365.0},
		}, kept)
	}
}

// TestKeysAreInNoBackup: only point-in-time recovery holds them, for as long as an erasure says.
func TestKeysAreInNoBackup(t *testing.T) {
	selections := resources(protectionStack, "AWS::Backup::BackupSelection")
	require.Len(t, selections, 1)
	for _, p := range selections {
		selected, err := json.Marshal(p["BackupSelection"])
		require.NoError(t, err)
		for _, table := range []string{"PlatformTable", "InvoicesTable", "InventoryTable", "AuditTable"} {
			require.Contains(t, string(selected), table)
		}
		require.NotContains(t, string(selected), "KeysTable")
		require.NotContains(t, string(selected), "*")
		require.NotContains(t, string(selected), "ListOfTags")
	}
	for _, p := range resources(dataStack, "AWS::DynamoDB::GlobalTable") {
		recovery := p["Replicas"].([]any)[0].(map[string]any)["PointInTimeRecoverySpecification"].(map[string]any)
		require.InDelta(t, 35.0, recovery["RecoveryPeriodInDays"], 0)
	}
	copies := erasure.Copies()
	require.InDelta(t, 35*24, copies[len(copies)-1].For.Hours(), 0)
}

// TestWhoEndsKeysOfBuyers: manage-privacy deletes from the keys table, and rotate-keys; no one else.
func TestWhoEndsKeysOfBuyers(t *testing.T) {
	var deletes []string
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		on, err := json.Marshal(s["Resource"])
		require.NoError(t, err)
		if slices.Contains(stringList(s["Action"]), "dynamodb:DeleteItem") && strings.Contains(string(on), "KeysTable") {
			deletes = append(deletes, policy)
		}
	})
	require.Len(t, deletes, 2)
	slices.Sort(deletes)
	require.Contains(t, deletes[0], "ManagePrivacy")
	require.Contains(t, deletes[1], "RotateKeys")
}
