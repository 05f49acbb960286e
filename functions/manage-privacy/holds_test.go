package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recent are documents of a buyer who bought lately.
type recent struct{}

func (recent) YearsOf(context.Context, string, string) ([]string, time.Time, error) {
	return []string{"2728"}, time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC), nil
}

func TestHolds(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, none := f.call(t, http.MethodGet, "/holds", "")
	require.Equal(t, map[string]any{"holds": []any{}}, none)
	status, h := f.call(t, http.MethodPut, "/holds/appeal-7",
		`{"reason":"an appeal","subject":{"email":"asha@example.in"},"until":"2026-11-29"}`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{
		"id": "appeal-7", "reason": "an appeal", "covers": "one_buyer", "until": "2026-11-29",
		"created_at": "2026-11-29T09:00:00.000Z", "created_by": "cl_test",
	}, h)
	_, all := f.call(t, http.MethodGet, "/holds", "")
	require.Equal(t, map[string]any{"holds": []any{h}}, all)

	status, p := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "under_hold", p["code"])
	require.Equal(t, []any{"appeal-7"}, p["holds"])
	require.True(t, f.hasKey(t))
	status, _ = f.call(t, http.MethodPost, "/erasures", `{"subject":{"phone":"9812345678"},"law":"dpdp"}`)
	require.Equal(t, http.StatusCreated, status, "of another buyer")

	for range 2 {
		status, _ = f.call(t, http.MethodDelete, "/holds/appeal-7", "")
		require.Equal(t, http.StatusNoContent, status)
	}
	status, p = f.call(t, http.MethodDelete, "/holds/appeal-8", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, "hold_not_found", p["code"])
	status, _ = f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusCreated, status)
	var actions []string
	for _, m := range f.sent {
		actions = append(actions, m.Act.Action)
	}
	require.Equal(t, []string{"hold.put", "buyer.erased", "hold.lifted", "buyer.erased"}, actions)
	status, p = f.call(t, http.MethodGet, "/erasures/er_none", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, "erasure_not_found", p["code"])
}
