//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/stack"
)

// receiptOf fetches the receipt of an invoice once the log with it is signed.
func (f *fixture) receiptOf(t *testing.T, invoiceID, query string) receipt.Receipt {
	t.Helper()
	var r receipt.Receipt
	require.NoError(t, stack.Await(t.Context(), 2*time.Minute, func() (bool, error) {
		reply := f.call(t, http.MethodGet, "/invoices/"+invoiceID+"/receipt"+query, nil)
		if reply.Field("code") == "not_sealed_yet" {
			require.Equal(t, "60", reply.Header.Get("Retry-After"))
			return false, f.Seal(t.Context())
		}
		require.Equal(t, http.StatusOK, reply.Status, "%s", reply.Body)
		return true, json.Unmarshal(reply.Body, &r)
	}))
	return r
}

func (f *fixture) auditKey(t *testing.T) receipt.Key {
	t.Helper()
	key, err := receipt.ParseKey(f.call(t, http.MethodGet, "/audit/key", nil).Field("key"))
	require.NoError(t, err)
	return key
}

// TestReceipts: each invoice has a receipt that verifies offline; a later one shows that the log was not
// rewritten.
func TestReceipts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	key := f.auditKey(t)
	first := f.create(t, client.NewKey(), numbered(m, "A-1"))
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Body)
	r := f.receiptOf(t, first.Field("id"), "")
	require.LessOrEqual(t, len(r.Proof), 2048)
	require.Equal(t, string(first.Body), r.Document, "byte for byte")
	v, err := receipt.Verify(key, r)
	require.NoError(t, err)
	require.Contains(t, string(v.Entry), `"merchant_id":"`+m+`"`)
	changed := r
	changed.Document = strings.Replace(r.Document, "15000", "15001", 1)
	_, err = receipt.Verify(key, changed)
	require.ErrorIs(t, err, receipt.ErrDocument)

	second := f.create(t, client.NewKey(), numbered(m, "A-2"))
	r = f.receiptOf(t, second.Field("id"), fmt.Sprintf("?since=%d", v.Checkpoint.N))
	later, err := receipt.Verify(key, r)
	require.NoError(t, err)
	require.NoError(t, receipt.CheckConsistent(v.Checkpoint, later, r.Consistency))

	for query, code := range map[string]string{"?since=0": "invalid_query", "?since=1000000000": "invalid_query"} {
		reply := f.call(t, http.MethodGet, "/invoices/"+second.Field("id")+"/receipt"+query, nil)
		require.Equal(t, code, reply.Field("code"), "%s", reply.Body)
	}
	f.checkRegister(t, m)
}

// checkRegister checks the list of a merchant with two invoices of November 2025.
func (f *fixture) checkRegister(t *testing.T, merchant string) {
	t.Helper()
	var numbers []string
	path := "/audit?limit=1&period=2025-11&merchant_id=" + merchant
	for cursor := ""; ; {
		reply := f.call(t, http.MethodGet, path+"&cursor="+cursor, nil)
		require.Equal(t, http.StatusOK, reply.Status, "%s", reply.Body)
		var page struct {
			Entries []struct {
				Number string `json:"invoice_number"`
			} `json:"entries"`
			Next string `json:"next_cursor"`
		}
		require.NoError(t, json.Unmarshal(reply.Body, &page))
		for _, e := range page.Entries {
			numbers = append(numbers, e.Number)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, []string{"A-1", "A-2"}, numbers)
	for _, query := range []string{"", "&period=2025-13", "&period=November"} {
		reply := f.call(t, http.MethodGet, "/audit?merchant_id="+merchant+query, nil)
		require.Equal(t, "invalid_query", reply.Field("code"), query)
	}
}

// TestCheckpointsAreKept: the store deletes no checkpoint, and lets no one shorten or bypass its lock.
func TestCheckpointsAreKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	issued := f.create(t, client.NewKey(), numbered(m, "A-1"))
	f.receiptOf(t, issued.Field("id"), "")
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := aws.String(f.Vars(deployment.AuditBucket))
	listed, err := objects.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{
		Bucket: bucket, Prefix: aws.String("checkpoints/"), MaxKeys: aws.Int32(1),
	})
	require.NoError(t, err)
	require.NotEmpty(t, listed.Versions)
	key, version := listed.Versions[0].Key, listed.Versions[0].VersionId
	lock, err := objects.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	require.Equal(t, types.ObjectLockRetentionModeCompliance, lock.Retention.Mode)
	require.Greater(t, lock.Retention.RetainUntilDate.Year(), time.Now().Year()+8)
	for _, bypass := range []bool{false, true} {
		_, err = objects.DeleteObject(t.Context(), &s3.DeleteObjectInput{
			Bucket: bucket, Key: key, VersionId: version, BypassGovernanceRetention: &bypass,
		})
		require.Error(t, err, "delete")
		_, err = objects.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{
			Bucket: bucket, Key: key, VersionId: version, BypassGovernanceRetention: &bypass,
			Retention: &types.ObjectLockRetention{
				Mode: types.ObjectLockRetentionModeCompliance, RetainUntilDate: aws.Time(time.Now().Add(time.Hour)),
			},
		})
		require.Error(t, err, "shorten")
	}
}
