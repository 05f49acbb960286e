package caller_test

import (
	"context"
	"os"
	"testing"
)

// TestMain issues and verifies a token first. go-jose keeps a WaitGroup for each type until it
// has been encoded once, and a group that began in a synctest bubble must not be waited for
// outside of it.
func TestMain(m *testing.M) {
	ctx := context.Background()
	f := setup(&testing.T{})
	token, err := f.issuer().Token(ctx, clerk(), "")
	if err == nil {
		_, err = f.verifier().Verify(ctx, "Bearer "+token.Access)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
