package caller_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// TestSecretsAreKeptHashed: no item has the text of a secret, or a part that would help to guess it.
func TestSecretsAreKeptHashed(t *testing.T) {
	t.Parallel()
	f, db := setup(t), dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Keys
	s := caller.NewStore(db, table, f.clock)
	created, first, err := s.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Admin), caller.Live)
	require.NoError(t, err)
	second, err := s.RollSecret(t.Context(), created.ID, caller.Live, time.Hour)
	require.NoError(t, err)
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	require.NoError(t, err)
	require.Len(t, out.Items, 2, "the client, and its line in the list")
	var items []map[string]any
	require.NoError(t, attributevalue.UnmarshalListOfMaps(out.Items, &items))
	kept := fmt.Sprintf("%s", items)
	require.Contains(t, kept, "merchant-123")
	for _, secret := range []string{first, second} {
		require.NotContains(t, kept, secret[len("ics_live_"):][:8])
	}
}
