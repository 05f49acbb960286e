package idempotency_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// item returns the key's record as the table holds it.
func (f *fixture) item(t *testing.T) dynamo.Item {
	t.Helper()
	out, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.table, Key: idempotency.ItemKey(f.key.Hash()), ConsistentRead: aws.Bool(true),
	})
	require.NoError(t, err)
	return out.Item
}

func (f *fixture) put(t *testing.T, item dynamo.Item) {
	t.Helper()
	_, err := f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: item})
	require.NoError(t, err)
}

func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// contains reports whether a value holds the text, in clear or compressed from any byte on.
func contains(v types.AttributeValue, text string) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return bytes.Contains([]byte(v.Value), []byte(text))
	case *types.AttributeValueMemberB:
		for from := range v.Value {
			body, err := idempotency.Decompress(v.Value[from:])
			if err == nil && bytes.Contains(body, []byte(text)) {
				return true
			}
		}
		return bytes.Contains(v.Value, []byte(text))
	}
	return false
}

// TestSealedAnswersAreReadWithTheKeyAlone fixes how answers are stored: by the key that the caller
// sends and the table does not hold.
func TestSealedAnswersAreReadWithTheKeyAlone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const body = `{"buyer_name":"Asha Rao, Mysuru"}`
	require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, body))
	item := f.item(t)
	for name, value := range item {
		require.False(t, contains(value, "Asha"), name)
		require.False(t, contains(value, f.key.ID), name)
	}
	require.NotEqual(t, fingerprint, dynamo.Text(item["fingerprint"]))
	compressed, err := idempotency.Compress([]byte(body))
	require.NoError(t, err)
	inClear := binary(append([]byte("prefix"), compressed...))
	require.True(t, contains(inClear, "Asha"), "the check finds what is not sealed")

	secret, err := hkdf.Key(sha256.New, []byte(f.key.ID), []byte(f.key.Scope), "invochain/answer/v1", 32)
	require.NoError(t, err)
	block, err := aes.NewCipher(secret)
	require.NoError(t, err)
	gcm, err := cipher.NewGCM(block)
	require.NoError(t, err)
	stored, _ := item["sealed"].(*types.AttributeValueMemberB)
	nonce, text := stored.Value[:gcm.NonceSize()], stored.Value[gcm.NonceSize():]
	opened, err := gcm.Open(nil, nonce, text, []byte(f.key.Hash()))
	require.NoError(t, err)
	require.Equal(t, compressed, opened)
	require.Len(t, stored.Value, len(compressed)+28)
	require.Equal(t, body, answer(t, f.key, f.claim(t, fingerprint)))
}

// TestAMovedAnswerDoesNotOpen puts another key's answer into a record. HMAC pads its key with zeros,
// so the last of these keys has the same secret: the binding to the record refuses it.
func TestAMovedAnswerDoesNotOpen(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]idempotency.Key{
		"another id":       {Scope: "m", ID: "00000000-0000-4000-8000-000000000002"},
		"another merchant": {Scope: "n", ID: "00000000-0000-4000-8000-000000000001"},
		"the same secret":  {Scope: "m\x00", ID: "00000000-0000-4000-8000-000000000001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, "own"))
			own := f.item(t)
			key := f.key
			f.key = other
			require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, "another's"))
			own["sealed"] = f.item(t)["sealed"]
			f.key = key
			f.put(t, own)
			res := f.claim(t, fingerprint)
			require.Equal(t, idempotency.Replay, res.Status)
			_, err := res.Record.Answer(key)
			require.ErrorContains(t, err, "open a stored answer")
			_, _, err = f.once(t, (&work{body: "again"}).do)
			require.ErrorContains(t, err, "open a stored answer")
		})
	}
}

func TestADamagedAnswerDoesNotOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, "own"))
	item := f.item(t)
	stored, _ := item["sealed"].(*types.AttributeValueMemberB)
	for _, sealed := range [][]byte{stored.Value[:1], stored.Value[:len(stored.Value)-1], append(stored.Value, 0)} {
		item["sealed"] = binary(sealed)
		f.put(t, item)
		_, err := f.claim(t, fingerprint).Record.Answer(f.key)
		require.ErrorContains(t, err, "open a stored answer")
	}
}

// TestARecordOfAnEarlierVersion has its answer and its fingerprint in clear.
func TestARecordOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, "sealed"))
	compressed, err := idempotency.Compress([]byte("in clear"))
	require.NoError(t, err)
	item := f.item(t)
	delete(item, "sealed")
	item["body"], item["fingerprint"] = binary(compressed), dynamo.S(fingerprint)
	f.put(t, item)
	res := f.claim(t, fingerprint)
	require.Equal(t, idempotency.Replay, res.Status)
	require.Equal(t, "in clear", answer(t, f.key, res))
	require.Equal(t, idempotency.Mismatch, f.claim(t, "other").Status)
}
