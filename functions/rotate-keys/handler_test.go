package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/caller/signing"
)

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event string
		fail  error
		want  string // what was called
	}{
		"daily": {
			`{"version":"0","id":"i","detail-type":"Scheduled Event","source":"aws.events","detail":{}}`, nil, "keys",
		},
		"by hand": {`{}`, nil, "keys"},
		"a step": {
			`{"Step":"setSecret","SecretId":"s","ClientRequestToken":"v"}`, nil, "setSecret s v",
		},
		"a failed step": {
			`{"Step":"testSecret","SecretId":"s","ClientRequestToken":"v"}`, errors.New("away"), "testSecret s v",
		},
		"no step":    {`{"SecretId":"s"}`, credential.ErrEvent, " s "},
		"keys fail":  {`{}`, errors.New("away"), "keys"},
		"not a step": {`{"Step":1}`, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := ""
			h := handler{
				log: slog.New(slog.DiscardHandler),
				rotateKeys: func(context.Context) (signing.Rotation, error) {
					called = "keys"
					return signing.Rotation{Created: "k"}, tc.fail
				},
				rotateCredential: func(_ context.Context, e credential.Event) error {
					called = e.Step + " " + e.SecretID + " " + e.Version
					return tc.fail
				},
			}
			_, err := h.handle(t.Context(), []byte(tc.event))
			require.Equal(t, tc.want, called)
			require.Equal(t, tc.want == "" || tc.fail != nil, err != nil, "%v", err)
		})
	}
}
