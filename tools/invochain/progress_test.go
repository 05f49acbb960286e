package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgressIsShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out, "redriven", 100_000)
		stop := p.start()
		for _, n := range []int64{1500, 800} {
			p.done.Add(n)
			time.Sleep(progressInterval + time.Millisecond)
		}
		stop()
		require.Equal(t,
			"1500 of about 100000 redriven, 750 a second\n2300 of about 100000 redriven, 400 a second\n", out.String())
	})
}
