package privacy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/privacy"
)

// mark writes the mark of an erasure.
func (f *fixture) mark(t *testing.T, subject string, k privacy.Key, at time.Time) {
	t.Helper()
	item := dynamo.Key("SUBJECT#"+merchantID+"#"+subject, "ERASED#"+k.ID())
	item["erased_at"] = dynamo.N(at.Unix())
	_, err := f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: item})
	require.NoError(t, err)
}

// erase ends a buyer's key now.
func (f *fixture) erase(t *testing.T, subject string, k privacy.Key) {
	t.Helper()
	f.mark(t, subject, k, f.clock())
	_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &f.table, Key: dynamo.Key("SUBJECT#"+merchantID+"#"+subject, "CONTACT"),
	})
	require.NoError(t, err)
}

func ref(subject string, k privacy.Key) privacy.Ref {
	return privacy.Ref{Merchant: merchantID, Subject: subject, KeyID: k.ID()}
}

// find returns what an instance that remembers nothing finds.
func (f *fixture) find(t *testing.T, r privacy.Ref) privacy.Found {
	t.Helper()
	found, err := f.another().Find(t.Context(), r)
	require.NoError(t, err)
	return found[r]
}

// TestAKeyAndItsErasure: the buyer comes back after the erasure.
func TestAKeyAndItsErasure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.give(t, "s")
	require.NoError(t, err)
	require.Equal(t, privacy.Found{Key: first}, f.find(t, ref("s", first)))
	require.Equal(t, privacy.Found{}, f.find(t, ref("other", first)), "no key, and no mark")
	f.erase(t, "s", first)
	erased := privacy.Found{ErasedAt: time.Unix(f.clock().Unix(), 0)}
	require.Equal(t, erased, f.find(t, ref("s", first)))
	f.advance(time.Hour)
	second, err := f.give(t, "s")
	require.NoError(t, err)
	require.Equal(t, erased, f.find(t, ref("s", first)))
	require.Equal(t, privacy.Found{Key: second}, f.find(t, ref("s", second)))
}

// TestAnErasureThatIsDueLater: DynamoDB deletes the item some time after it.
func TestAnErasureThatIsDueLater(t *testing.T) {
	t.Parallel()
	f := setup(t)
	key, err := f.give(t, "s")
	require.NoError(t, err)
	at := f.clock().Add(30 * time.Second)
	f.end(t, "s", at)
	f.mark(t, "s", key, at)
	r := ref("s", key)
	found, err := f.Find(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, privacy.Found{Key: key}, found[r])
	f.advance(30 * time.Second)
	found, err = f.Find(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, privacy.Found{ErasedAt: time.Unix(at.Unix(), 0)}, found[r], "it is not remembered past its time")
	require.Equal(t, found[r], f.find(t, r))
}

func TestKeysAreRememberedForAMinute(t *testing.T) {
	t.Parallel()
	f := setup(t)
	key, err := f.give(t, "s")
	require.NoError(t, err)
	r := ref("s", key)
	f.db.Forget()
	for range 2 {
		found, err := f.Find(t.Context(), r, r)
		require.NoError(t, err)
		require.Equal(t, key, found[r].Key)
	}
	require.Equal(t, []string{"BatchGetItem"}, f.db.Calls())
	f.erase(t, "s", key)
	f.advance(time.Minute)
	found, err := f.Find(t.Context(), r)
	require.NoError(t, err)
	require.Empty(t, found[r].Key)
}

// TestManyKeys: 50 in a call, and the memory is bounded.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	f := setup(t)
	key, err := f.give(t, "s")
	require.NoError(t, err)
	refs := []privacy.Ref{ref("s", key)}
	for n := range 1020 {
		refs = append(refs, ref(fmt.Sprintf("s%d", n), key))
	}
	f.db.Forget()
	found, err := f.Find(t.Context(), refs...)
	require.NoError(t, err)
	require.Len(t, found, 1021)
	require.Equal(t, key, found[refs[0]].Key)
	require.Len(t, f.db.Calls(), 21)
	_, err = f.Find(t.Context(), refs[0])
	require.NoError(t, err)
	require.Len(t, f.db.Calls(), 22, "it was forgotten when the memory was full")
}
