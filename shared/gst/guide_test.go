package gst_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// TestNumbersOfTheGuide computes each amount, day and rate in the tables of docs/gst.md. A table is known
// by its first heading.
func TestNumbersOfTheGuide(t *testing.T) {
	t.Parallel()
	examples := guideExamples()
	firsts := map[string][]string{} // cells of each table
	for _, table := range tables(t, "../../docs/gst.md") {
		head, rows := table[0], table[1:]
		for _, row := range rows {
			firsts[head[0]] = append(firsts[head[0]], row[0])
			switch head[0] {
			case "example":
				require.Contains(t, examples, row[0])
				requireAmounts(t, examples[row[0]], head, row)
				delete(examples, row[0])
			case "rate of goods":
				requireRate(t, `"unit":"NOS"`, row)
			case "rate of services":
				requireRate(t, `"is_service":true`, row)
			case "original dated":
				requireLastDay(t, row[0], row[1])
			case "dated":
				until := gst.CancelUntil(gst.Date(row[0]), gst.Date(row[1]), row[2] == "quarterly")
				require.Equal(t, row[3], string(until), row)
			case "e-invoices above":
				require.Contains(t, registrationLimits(), registrationLimit{crores(t, row[0]), gst.Date(row[1])})
			case "e-invoices within 30 days from":
				requireReportLimit(t, crores(t, row[0])*crore, gst.Date(row[1]))
			}
		}
	}
	require.Empty(t, examples, "the page lacks them")
	require.Subset(t, firsts["rate of goods"], ratesOf(goodsNotices()))
	require.Subset(t, firsts["rate of services"], ratesOf(serviceNotices()))
	require.Len(t, firsts["e-invoices above"], len(registrationLimits()))
	require.Len(t, firsts["e-invoices within 30 days from"], 2)
	require.NotEmpty(t, firsts["original dated"])
	require.NotEmpty(t, firsts["dated"])
}

func ratesOf(notices []notice) (all []string) {
	for _, n := range notices {
		all = append(all, n.rate)
	}
	return all
}

// tables returns the rows of each table of a page, the headings first.
func tables(t *testing.T, page string) (all [][][]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var table [][]string
	for line := range strings.Lines(string(text) + "\n") {
		if !strings.HasPrefix(line, "|") {
			if table != nil {
				all, table = append(all, table), nil
			}
			continue
		}
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if strings.Trim(row[0], "-") != "" {
			table = append(table, row)
		}
	}
	return all
}

// guideExamples returns the request of each example of the page.
func guideExamples() map[string]string {
	line := func(quantity, price, rate, hsn, fields string) string {
		kind := `"unit":"NOS"`
		if strings.HasPrefix(hsn, "99") {
			kind = `"is_service":true`
		}
		return fmt.Sprintf(`{"description":"x","hsn":%q,%s,"quantity":%s,"unit_price":%s,"gst_rate":%s%s}`,
			hsn, kind, quantity, price, rate, fields)
	}
	of := func(fields string, items ...string) string {
		return lines(1, strings.Join(items, ","), fields)
	}
	on := func(day, body string) string { return edit(body, "2025-11-26", day) }
	const (
		exempt = `,"nature":"exempt"`
		zone   = `"supply_type":"SEZWP",`
	)
	tea, goods := line("2.5", "410.125", "5", "090240", ""), line("10", "1000", "18", "732393", "")
	mrp, jaggery := line("5000", "100", "18", "732393", ""), line("2", "60", "0", "170113", exempt)
	transport := line("1", "1000", "5", "996511", "")
	return map[string]string{
		"2.5 kg of tea at 410.125, 5 %, within the state": of(buyerIn27, tea),
		"the same, to another state":                      of(buyerIn29, tea),
		"10 kg of tea at 400, less 12.5 %, 5 %, within the state": of(buyerIn27,
			line("10", "400", "5", "090240", `,"discount_percent":12.5`)),

		"goods of 10,000 at 18 %, to an unregistered buyer":    of("", goods),
		"the same, place of supply 29":                         of(`"place_of_supply":"29",`, goods),
		"to a zone in the seller's state, with payment of tax": of(zone+buyerIn27, goods),
		"to a zone, under a letter of undertaking":             of(edit(zone, "SEZWP", "SEZWOP")+buyerIn29, goods),
		"export, with payment of tax":                          of(`"supply_type":"EXPWP",`+named, goods),

		"5,000 at an MRP of 100, 18 %, within the state": of(inclusive+buyerIn27, mrp),
		"5,000 at an MRP of 100, 18 %, to another state": of(inclusive+buyerIn29, mrp),

		"1,000 packs of cigarettes sold at 60, printed price 100, to another state": on("2026-02-01", of(buyerIn29,
			line("1000", "60", "40", "240220", `,"retail_sale_price":100`))),

		"a car of 8,00,000 on 2025-09-21, 28 % and cess of 17 %": on("2025-09-21", of(buyerIn29,
			line("1", "800000", "28", "870322", `,"cess_rate":17`))),
		"10 t of coal at 5,000 on 2025-09-21, 5 % and cess of 400 for each tonne": on("2025-09-21", of(buyerIn29,
			line("10", "5000", "5", "270112", `,"cess_fixed":4000`))),

		"10 kg of tea at 400 and freight of 250, 5 %, less 12.50, TCS of 0.1 %": of(
			freight+`"discount":12.5,"tcs":{"rate":0.1},`+buyerIn27, line("10", "400", "5", "090240", "")),

		"bill of supply: jaggery of 120, exempt": of(`"document_type":"BOS",`+buyerIn27, jaggery),
		"invoice-cum-bill: the jaggery, and a bottle of 500 at 18 %, to an unregistered buyer": of(
			`"document_type":"ICB",`, jaggery, line("1", "500", "18", "732393", "")),

		"goods transport of 1,000 at 5 %, to another state": of(`"reverse_charge":true,`+buyerIn29, transport),
		"the same, beside an exempt line of 200": of(`"reverse_charge":true,`+buyerIn29, transport,
			line("1", "200", "0", "170113", exempt)),

		"an invoice of tea for 750 at 5 %, and wrapping for 99.50 at 18 %, within the state": of(buyerIn27,
			line("2", "400", "5", "090240", `,"discount":50`), line("1", "99.5", "18", "998549", "")),
	}
}

// requireAmounts compares the amounts of an example with those of its invoice, which has no finding.
func requireAmounts(t *testing.T, body string, head, row []string) {
	t.Helper()
	inv := assess(t, body)
	require.Empty(t, inv.Compliance.Findings, row[0])
	for n, column := range head[1:] {
		want := strings.NewReplacer(",", "", "−", "-").Replace(row[1+n])
		got, err := money.ParsePaise(want)
		require.NoError(t, err, "%s: %s is %s", row[0], column, amountOf(t, inv, column))
		require.Equal(t, amountOf(t, inv, column), got, "%s: %s", row[0], column)
	}
}

// amountOf returns the amount of an invoice that a column shows.
func amountOf(t *testing.T, inv gst.Invoice, column string) money.Paise {
	t.Helper()
	totals, credit := inv.Totals, inv.Credit()
	amounts := map[string]money.Paise{
		"taxable value": totals.TaxableValue, "CGST": totals.CGST, "SGST": totals.SGST, "IGST": totals.IGST,
		"cess": totals.Cess, "reverse charge": totals.ReverseCharge, "discount": totals.Discount, "TCS": totals.TCS,
		"round-off": totals.RoundOff, "total": totals.Total,
		"value": credit.Value, "tax": credit.Tax,
		"taxable value at 5 %": credit.At(500), "taxable value at 18 %": credit.At(1800),
	}
	require.Contains(t, amounts, column)
	return amounts[column]
}

// requireRate compares a row of rate, codes, first day, last day and notification with the explanation of a
// line of the first code on the first day.
func requireRate(t *testing.T, kind string, row []string) {
	t.Helper()
	_, code, coded := strings.Cut(row[1], "`")
	hsn, _, _ := strings.Cut(code, "`")
	if !coded {
		hsn = "8471"
	}
	body := edit(edit(oneLine("1", "100", row[0], ""), `"unit":"NOS"`, kind), "732393", hsn)
	rate := preview(t, edit(body, "2025-11-26", row[2])).TaxExplanation[0].Rate
	require.NotNil(t, rate, row)
	want := gst.RateInForce{
		Notification: row[4] + "-Central Tax (Rate)", From: gst.Date(row[2]), Until: gst.Date(row[3]),
	}
	require.Equal(t, want, *rate, row)
}

// requireLastDay checks that a credit note is in time on the last day for its original, and late on the next.
func requireLastDay(t *testing.T, original, last string) {
	t.Helper()
	next := strings.Replace(last, "-11-30", "-12-01", 1)
	for day, late := range map[string]bool{last: false, next: true} {
		note := assess(t, edit(oneLine("1", "100", "18", buyerIn29+`"document_type":"CRN","original_invoice_number":"A",`+
			`"original_external":true,"original_invoice_date":"`+original+`",`), `"invoice_date":"2025-11-26"`,
			`"invoice_date":"`+day+`"`))
		note, err := gst.Correct(note, nil, seller)
		require.NoError(t, err)
		require.Equal(t, late, slices.Contains(findingCodes(note), "credit_note_late"), day)
	}
}

// requireReportLimit checks that a seller with a turnover is late with a document of the 31st day from a day
// on, and not on the day before.
func requireReportLimit(t *testing.T, amount money.Paise, since gst.Date) {
	t.Helper()
	of := withTurnover("1718", amount)
	of.Compliance = gst.Advise
	for today, late := range map[gst.Date]bool{since: true, daysBefore(t, 1, since): false} {
		dated := daysBefore(t, 30, today)
		inv, err := gst.Assess(parse(t, edit(oneLine("1", "100", "18", buyerIn29), "2025-11-26", string(dated))), of, today)
		require.NoError(t, err)
		require.Equal(t, late, slices.Contains(findingCodes(inv), "reporting_late"), today)
	}
}

// crores reads a turnover such as ₹5 crore.
func crores(t *testing.T, s string) (n money.Paise) {
	t.Helper()
	_, err := fmt.Sscanf(s, "₹%d crore", &n)
	require.NoError(t, err)
	return n
}
