package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// keysTable returns a store of clients whose table is empty.
func keysTable(t *testing.T) *caller.Store {
	t.Helper()
	db := dynamotest.Client(t)
	return caller.NewStore(db, dynamotest.Tables(t, db).Keys, time.Now)
}

// ensure ensures a client of each role and returns all that are kept.
func (s *stack) ensure(t *testing.T, store *caller.Store, roles ...caller.Role) clients {
	t.Helper()
	require.NoError(t, s.ensureClients(t.Context(), store, roles...))
	kept, err := s.readClients()
	require.NoError(t, err)
	return kept
}

func TestClientsAreKept(t *testing.T) {
	t.Parallel()
	s, store := setup(t), keysTable(t)
	first := s.ensure(t, store, caller.Operator, caller.Admin)
	require.Len(t, first, 4)
	withClerk := s.ensure(t, store, caller.Operator, caller.Admin, caller.Clerk)
	require.Len(t, withClerk, 6)
	require.Subset(t, withClerk, first)
	require.Equal(t, withClerk, s.ensure(t, store, caller.Operator, caller.Admin), "up keeps a client of token")
	for role, merchant := range map[caller.Role]string{
		caller.Operator: "", caller.Admin: demoMerchant, caller.Clerk: demoMerchant,
	} {
		c, err := store.Client(t.Context(), withClerk.of(role).id)
		require.NoError(t, err)
		require.Equal(t, []any{role, merchant}, []any{c.Role, c.Merchant})
		require.True(t, c.Authentic(withClerk.of(role).secret, time.Now()))
	}
	info, err := os.Stat(s.file(clientsFile))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

// TestClientsOfLostTablesAreReplaced: also those that were revoked, and those whose secret has ended.
func TestClientsOfLostTablesAreReplaced(t *testing.T) {
	t.Parallel()
	s, store := setup(t), keysTable(t)
	lost := s.ensure(t, keysTable(t), caller.Operator, caller.Admin, caller.Clerk)
	first := s.ensure(t, store, caller.Operator, caller.Admin)
	require.Len(t, first, 4, "nothing asks for the clerk")
	for name, value := range first {
		require.NotEqual(t, lost[name], value, name)
	}
	require.NoError(t, store.RevokeClient(t.Context(), first.of(caller.Operator).id))
	_, err := store.RollSecret(t.Context(), first.of(caller.Admin).id, caller.Test, 0)
	require.NoError(t, err)
	second := s.ensure(t, store, caller.Operator, caller.Admin)
	for name, value := range second {
		require.NotEqual(t, first[name], value, name)
	}
}

// TestClientsStayWhenTheTableIsAway: an error is no reason to create others.
func TestClientsStayWhenTheTableIsAway(t *testing.T) {
	t.Parallel()
	s := setup(t)
	before := s.ensure(t, keysTable(t), caller.Operator, caller.Admin)
	away := caller.NewStore(dynamotest.Client(t), "no-such-table", time.Now)
	require.Error(t, s.ensureClients(t.Context(), away, caller.Operator, caller.Admin))
	kept, err := s.readClients()
	require.NoError(t, err)
	require.Equal(t, before, kept)
}

func TestTokenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.ErrorContains(t, s.printToken(t.Context(), []string{"clerk"}), "run make up")
	require.ErrorContains(t, s.printToken(t.Context(), []string{"root"}), "admin, clerk, accountant, auditor, operator")
	require.NoError(t, os.WriteFile(s.file(clientsFile), []byte("{"), 0o600))
	_, err := s.client(t.Context(), map[string]string{deployment.KeysTable: "keys"}, caller.Clerk)
	require.ErrorContains(t, err, "clients.json is malformed")
}
