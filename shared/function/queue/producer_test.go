package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

func TestAMessageCarriesItsSendersTrace(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		traceParent func(context.Context) string
		want        string
	}{
		"no hook":  {nil, ""},
		"no trace": {func(context.Context) string { return "" }, ""},
		"a trace":  {func(context.Context) string { return "00-a-b-01" }, "00-a-b-01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeSQS{}
			require.NoError(t, queue.Producer{SQS: f, URL: "q", TraceParent: tc.traceParent}.Send(t.Context(), "", 1))
			if tc.want == "" {
				require.Empty(t, f.sent[0].MessageAttributes)
			} else {
				require.Equal(t, tc.want, *f.sent[0].MessageAttributes[queue.AttrTrace].StringValue)
			}
		})
	}
}

func TestEveryMessageHasAGroup(t *testing.T) {
	t.Parallel()
	f := &fakeSQS{}
	require.NoError(t, queue.Producer{SQS: f, URL: "q"}.Send(t.Context(), "", 1))
	require.NoError(t, queue.Producer{SQS: f, URL: "q"}.Send(t.Context(), "m-1", 1))
	require.Equal(t, []string{"platform", "m-1"}, []string{*f.sent[0].MessageGroupId, *f.sent[1].MessageGroupId})
}

func TestMessagesOfAnyTextFit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"HTML":          {"a < b && c", `{"t":"a < b && c"}`},
		"noncharacters": {"\ufffe\uffff", `{"t":"\ufffe\uffff"}`},
		"others":        {"\ufffd\U0001f96d\u007f", "{\"t\":\"\ufffd\U0001f96d\u007f\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeSQS{}
			raw := json.RawMessage(`{"t":"` + tc.text + `"}`)
			require.NoError(t, queue.Producer{SQS: f, URL: "q"}.Send(t.Context(), "", raw))
			require.Equal(t, tc.want, *f.sent[0].MessageBody)
			require.Equal(t, len(tc.want), queue.BodySize(raw))
		})
	}
}

func ExampleProducer() {
	f := &fakeSQS{}
	p := queue.Producer{SQS: f, URL: "https://sqs.example/audit"}
	err := p.Send(context.Background(), "merchant-1", map[string]string{"saga_id": "s-1"})
	fmt.Println(*f.sent[0].MessageBody, *f.sent[0].MessageGroupId, err)
	// Output: {"saga_id":"s-1"} merchant-1 <nil>
}
