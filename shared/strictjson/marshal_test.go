package strictjson_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/strictjson"
)

func TestMarshalLeavesHTMLAsItIs(t *testing.T) {
	t.Parallel()
	body, err := strictjson.Marshal(map[string]any{"text": "<a & \"b\">\n", "raw": json.RawMessage(`["&"]`)})
	require.NoError(t, err)
	require.Equal(t, `{"raw":["&"],"text":"<a & \"b\">\n"}`, string(body))
	_, err = strictjson.Marshal(math.Inf(1))
	require.Error(t, err)
}
