package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/security/control"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	one, two := control.Test{Package: "./a", Name: "TestOne"}, control.Test{Package: "./a", Name: "TestTwo"}
	passed := map[control.Test]bool{one: true}
	for name, tc := range map[string]struct {
		control.Control

		word, detail string
	}{
		"proved":               {control.Control{Tests: []control.Test{one}}, "PASS", ""},
		"one test failed":      {control.Control{Tests: []control.Test{one, two}}, "FAIL", ": TestTwo of ./a"},
		"a part is coming":     {control.Control{Tests: []control.Test{one}, Coming: "x"}, "coming", ": x"},
		"the part that failed": {control.Control{Tests: []control.Test{two}, Coming: "x"}, "FAIL", ": TestTwo of ./a"},
		"nothing is built":     {control.Control{Coming: "x"}, "coming", ": x"},
		"no test":              {control.Control{}, "FAIL", ": no test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			word, detail := verdict(tc.Control, passed)
			require.Equal(t, [2]string{tc.word, tc.detail}, [2]string{word, detail})
		})
	}
}

func TestOnlyPassedTestsCount(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"TestA"}, passedIn([]byte(`{"Action":"run","Test":"TestA"}
{"Action":"pass","Test":"TestA"}
{"Action":"skip","Test":"TestB"}
{"Action":"fail","Test":"TestC"}
not JSON
{"Action":"pass","Package":"a"}
`)))
}
