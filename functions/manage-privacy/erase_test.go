package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

const erasureOfBuyer = `{"subject":{"email":"Asha@Example.in"},"law":"dpdp"}`

func TestErase(t *testing.T) {
	t.Parallel()
	f := setup(t)
	status, e := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusCreated, status)
	require.False(t, f.hasKey(t))
	body, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"id":"`+e["id"].(string)+`", "law":"dpdp", "asked_at":"2026-11-29T09:00:00.000Z",
		"effective_at":"2026-11-29T09:00:00.000Z", "erased":["contact"],
		"kept":[
			{"fields":["buyer_gstin","buyer_name","buyer_address","ship_to"],"financial_year":"2425","until":"2033-03-31",
			 "basis":["CGST Act 2017, s.36","Companies Act 2013, s.128(5)","DPDP Act 2023, s.12(3)"]},
			{"fields":["buyer_gstin","buyer_name","buyer_address","ship_to"],"financial_year":"2526","until":"2034-03-31",
			 "basis":["CGST Act 2017, s.36","Companies Act 2013, s.128(5)","DPDP Act 2023, s.12(3)"]}],
		"copies":[
			{"where":"instance_memory","gone_by":"2026-11-29T09:01:00.000Z"},
			{"where":"replayed_answers","gone_by":"2026-11-30T09:00:00.000Z"},
			{"where":"exports","gone_by":"2026-12-06T09:00:00.000Z"},
			{"where":"queued_requests","gone_by":"2026-12-13T09:00:00.000Z"},
			{"where":"keys_table_recovery","gone_by":"2027-01-03T09:00:00.000Z"}]}`, string(body))
	require.Len(t, f.sent, 1)
	require.Equal(t, "buyer.erased", f.sent[0].Act.Action)
	require.Equal(t, "cl_test", f.sent[0].Act.Actor)

	status, again := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, e, again)
	status, read := f.call(t, http.MethodGet, "/erasures/"+e["id"].(string), "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, e, read)
	require.Len(t, f.sent, 1)
	require.NotContains(t, strings.ToLower(f.log.String()), buyer)
}

// TestAllIdentifiersAreErased: a document's contact is filed under the first that it has.
func TestAllIdentifiersAreErased(t *testing.T) {
	t.Parallel()
	f := setup(t)
	status, e := f.call(t, http.MethodPost, "/erasures", `{"law":"gdpr","merchant_id":"m",
		"subject":{"buyer_reference":" C-7 ","email":"asha@example.in","phone":"9812345678","gstin":"29 aabcu9603r1zj"}}`)
	require.Equal(t, http.StatusCreated, status)
	require.False(t, f.hasKey(t))
	require.Contains(t, e["kept"].([]any)[0].(map[string]any)["basis"], "GDPR, art. 17(3)(e)")
}

// TestASubjectThatNeverWasGetsTheSameShape: no field tells that it was never there.
func TestASubjectThatNeverWasGetsTheSameShape(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, known := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	status, unknown := f.call(t, http.MethodPost, "/erasures", strings.Replace(erasureOfBuyer, "Asha", "Ravi", 1))
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, []any{}, unknown["erased"])
	require.Equal(t, []any{}, unknown["kept"])
	for name := range known {
		require.Contains(t, unknown, name)
	}
	require.Len(t, unknown, len(known))
}

// TestAnErasureAfterTheRule is due a year after the last document.
func TestAnErasureAfterTheRule(t *testing.T) {
	t.Parallel()
	for day, effective := range map[string]string{
		"2027-05-12": "2027-05-12T12:00:00.000Z", // the rule is not in force
		"2027-05-13": "2027-05-13T12:00:00.000Z", // more than a year after the last document
	} {
		f := setup(t)
		var err error
		f.clock, err = time.Parse(time.RFC3339, day+"T12:00:00Z")
		require.NoError(t, err)
		_, e := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
		require.Equal(t, effective, e["effective_at"])
	}
	f := setup(t)
	f.documents = recent{}
	f.clock = time.Date(2027, 5, 13, 12, 0, 0, 0, time.UTC)
	_, e := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, "2028-05-01T00:00:00.000Z", e["effective_at"])
	require.True(t, f.hasKey(t))
	later := e["kept"].([]any)[1].(map[string]any)
	require.Equal(t, []any{"DPDP Rules 2025, r.8(3)"}, later["basis"])
	require.Equal(t, "2028-05-01", later["until"])

	status, _ := f.call(t, http.MethodPut, "/holds/appeal", `{"reason":"an appeal"}`)
	require.Equal(t, http.StatusOK, status)
	_, e = f.call(t, http.MethodGet, "/erasures/"+e["id"].(string), "")
	require.NotContains(t, e, "effective_at")
	require.Equal(t, []any{"appeal"}, e["held_by"])
	require.Equal(t, []any{}, e["copies"])
}

// TestFaultyBodies: each gets its code, and has no effect.
func TestFaultyBodies(t *testing.T) {
	f := setup(t)
	const erase, hold = "POST /erasures", "PUT /holds/h"
	byGDPR := func(subject string) string { return `{"law":"gdpr","subject":` + subject + `}` }
	for name, tc := range map[string]struct {
		route, body string
		status      int
		field, code string
	}{
		"no subject":        {erase, `{"law":"gdpr"}`, 422, "subject", "required"},
		"an empty subject":  {erase, byGDPR(`{}`), 422, "subject", "required"},
		"null":              {erase, byGDPR(`null`), 422, "subject", "required"},
		"blanks":            {erase, byGDPR(`{"buyer_reference":"  "}`), 422, "subject", "required"},
		"a text":            {erase, byGDPR(`"x"`), 400, "subject", "wrong_type"},
		"an unknown field":  {erase, byGDPR(`{"mail":"x"}`), 400, "subject.mail", "unknown_field"},
		"a malformed email": {erase, byGDPR(`{"email":"x"}`), 422, "subject.email", "email_malformed"},
		"a malformed phone": {erase, byGDPR(`{"phone":"+9"}`), 422, "subject.phone", "phone_malformed"},
		"a malformed GSTIN": {erase, byGDPR(`{"gstin":"2"}`), 422, "subject.gstin", "gstin_malformed"},
		"a long reference": {
			erase, byGDPR(`{"buyer_reference":"` + strings.Repeat("x", 51) + `"}`), 422, "subject.buyer_reference", "too_long",
		},
		"no law":      {erase, `{"subject":{"phone":"9812345678"}}`, 422, "law", "required"},
		"another law": {erase, `{"law":"ccpa","subject":{"phone":"9812345678"}}`, 422, "law", "unknown_value"},

		"a hold without a reason":  {hold, `{}`, 422, "reason", "required"},
		"a long reason":            {hold, `{"reason":"` + strings.Repeat("x", 201) + `"}`, 422, "reason", "too_long"},
		"a hold on an empty buyer": {hold, `{"reason":"x","subject":{}}`, 422, "subject", "required"},
		"a hold until yesterday":   {hold, `{"reason":"x","until":"2026-11-28"}`, 422, "until", "in_the_past"},
		"a hold until no day":      {hold, `{"reason":"x","until":"2027-02-29"}`, 422, "until", "date_invalid"},
		"a malformed id of a hold": {"PUT /holds/h%20h", `{"reason":"x"}`, 422, "id", "hold_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			method, path, _ := strings.Cut(tc.route, " ")
			status, p := f.call(t, method, path, tc.body)
			require.Equal(t, tc.status, status, p)
			require.Equal(t, "invalid_request", p["code"])
			fault := p["errors"].([]any)[0].(map[string]any)
			require.Equal(t, []any{tc.field, tc.code}, []any{fault["field"], fault["code"]})
		})
	}
	require.Empty(t, f.sent)
	require.True(t, f.hasKey(t))
}

func TestWhoMayErase(t *testing.T) {
	t.Parallel()
	f := setup(t)
	status, e := f.call(t, http.MethodPost, "/erasures", strings.Replace(erasureOfBuyer, "Asha", "Ravi", 1))
	require.Equal(t, http.StatusCreated, status)
	_, _ = f.call(t, http.MethodPut, "/holds/h", `{"reason":"x","subject":{"phone":"9812345678"}}`)
	f.guard = callertest.Guard(caller.Admin, "other")
	for _, tc := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/erasures", `{"merchant_id":"m",` + erasureOfBuyer[1:], 403},
		{"GET", "/erasures/" + e["id"].(string), "", 404},
		{"GET", "/erasures/" + e["id"].(string) + "?merchant_id=m", "", 403},
		{"GET", "/holds?merchant_id=m", "", 403},
		{"PUT", "/holds/h", `{"merchant_id":"m","reason":"x"}`, 403},
		{"DELETE", "/holds/h", "", 404},
		{"DELETE", "/holds/h?merchant_id=m", "", 403},
		{"POST", "/erasures", erasureOfBuyer, 201}, // of its own buyer with this address
	} {
		status, _ := f.call(t, tc.method, tc.path, tc.body)
		require.Equal(t, tc.status, status, tc.path)
	}
	require.True(t, f.hasKey(t))
	for _, role := range caller.Roles() {
		require.Equal(t, role == caller.Admin, strings.Contains(strings.Join(role.Scopes(), " "), "privacy:write"))
	}
}

// TestNothingIsErasedWithoutAnAct: the queue of acts is away.
func TestNothingIsErasedWithoutAnAct(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.away = true
	status, p := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "temporarily_unavailable", p["code"])
	require.True(t, f.hasKey(t))
	require.NotContains(t, f.log.String(), "administrative act")
}

// TestBusy: an erasure that meets others until its attempts are used up can be sent again.
func TestBusy(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
	status, p := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, true, p["retryable"])
	f.db.Hook = nil
	status, _ = f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, http.StatusCreated, status)
}

// TestTheScheduleFinishesErasures that were due later, and fails if it could not.
func TestTheScheduleFinishesErasures(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.documents = recent{}
	f.clock = time.Date(2027, 5, 13, 12, 0, 0, 0, time.UTC)
	_, e := f.call(t, http.MethodPost, "/erasures", erasureOfBuyer)
	require.Equal(t, "2028-05-01T00:00:00.000Z", e["effective_at"])
	f.clock = time.Date(2028, 5, 1, 0, 0, 0, 0, time.UTC)
	f.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
	_, err := f.finish(t.Context())
	require.Error(t, err)
	f.db.Hook = nil
	_, err = f.finish(t.Context())
	require.NoError(t, err)
	require.Contains(t, f.log.String(), `"msg":"erasures finished","erasures":1`)
	_, err = f.finish(t.Context())
	require.NoError(t, err)
	require.Contains(t, f.log.String(), `"msg":"erasures finished","erasures":0`)
}
