package gst_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

func TestStockLinesAddUpBySKU(t *testing.T) {
	want := []gst.StockLine{
		{SKU: "A", Quantity: 3500, Items: []int{0, 1}}, {SKU: "B", Quantity: 1000, Items: []int{2}},
	}
	require.Equal(t, want, parse(t, lined).StockLines())
}

func TestStockLinesNeverOverflow(t *testing.T) {
	const line = `{"sku":"A","quantity":9999999999.999,"unit_price":0,"gst_rate":0}`
	sums := parse(t, lines(gst.MaxItems, line, "")).StockLines()
	require.Len(t, sums, 1)
	require.EqualValues(t, 9_999_999_999_999_000, sums[0].Quantity)
	require.Len(t, sums[0].Items, gst.MaxItems)

	_, _, fields := refusal(t, lines(1, edit(line, "9999999999.999", "10000000000"), ""))
	require.Equal(t, map[string]string{"items[0].quantity": "out_of_range"}, fields)
}

func TestCanonicalIsTheSameForTheSameMeaning(t *testing.T) {
	canonical := string(parse(t, literal).Canonical())
	numbered := `[],"invoice_number":"TEST-001"`
	for name, other := range map[string]string{
		"a number in another form":  edit(literal, "15000", `"15000.00"`),
		"defaults given":            edit(literal, `[]`, `[],"document_type":"INV","reverse_charge":false,"buyer_name":null`),
		"fields in another order":   edit(edit(literal, `"invoice_number":"TEST-001",`, ""), `[]`, numbered),
		"white space between them":  strings.ReplaceAll(literal, `,"`, `,`+"\n\t"+`"`),
		"a character by its escape": edit(literal, "TEST", `\u0054EST`),
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, canonical, string(parse(t, other).Canonical())) })
	}
	require.NotEqual(t, canonical, string(parse(t, edit(literal, "15000", "15000.01")).Canonical()))
}
