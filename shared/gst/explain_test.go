package gst_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

func preview(t *testing.T, body string) gst.Preview {
	t.Helper()
	p, err := gst.PreviewOf(parse(t, body), seller, "")
	require.NoError(t, err)
	return p
}

// derivation returns the derivation of a field; empty if there is none.
func derivation(p gst.Preview, field string) gst.Derivation {
	for _, d := range p.Derived {
		if d.Field == field {
			return d
		}
	}
	return gst.Derivation{}
}

// TestDerivedValues: each value has the rule that gives it, of goods, services or both.
func TestDerivedValues(t *testing.T) {
	t.Parallel()
	const (
		given    = "given in the request"
		service  = `,"is_service":true`
		reversed = "under reverse charge the buyer pays the tax; the total leaves it out"
		abroad   = "the code for places outside India, as of each export"
	)
	goods := oneLine("1", "100", "18", buyerIn29)
	both := edit(goods, `"items":[`, `"items":[{"description":"x","hsn":"998898","is_service":true,"quantity":1,`+
		`"unit_price":1,"gst_rate":18},`)
	with := func(fields string) string { return oneLine("1", "100", "18", fields) }
	services := func(fields string) string { return edit(with(fields), `"gst_rate":18`, `"gst_rate":18`+service) }
	for name, tc := range map[string]struct {
		body string
		want gst.Derivation
	}{
		"registered buyer":   {goods, gst.Derivation{"supply_type", "B2B", "rule 46(d)", "the buyer has a GSTIN"}},
		"unregistered buyer": {with(""), gst.Derivation{"supply_type", "B2C", "rule 46(e), (f)", "the buyer has no GSTIN"}},
		"supply type given":  {with(`"supply_type":"B2C",`), gst.Derivation{"supply_type", "B2C", "rule 46(e), (f)", given}},
		"special economic zone": {
			with(buyerIn27 + `"supply_type":"SEZWP",`), gst.Derivation{"supply_type", "SEZWP", "IGST Act s.16(1)(b)", given},
		},
		"export": {
			with(`"supply_type":"EXPWP",`), gst.Derivation{"supply_type", "EXPWP", "IGST Act s.16(1)(a)", given},
		},
		"deemed export": {
			with(buyerIn27 + `"supply_type":"DEXP",`), gst.Derivation{"supply_type", "DEXP", "CGST Act s.147", given},
		},

		"place of goods": {
			goods, gst.Derivation{"place_of_supply", "29", "IGST Act s.10(1)(a)", "the state of the buyer's GSTIN"},
		},
		"place of a service": {
			services(buyerIn29),
			gst.Derivation{"place_of_supply", "29", "IGST Act s.12(2)(a)", "the state of the buyer's GSTIN"},
		},
		"place of both": {both, gst.Derivation{
			"place_of_supply", "29", "IGST Act s.10(1)(a); IGST Act s.12(2)(a)", "the state of the buyer's GSTIN",
		}},
		"place of an unregistered buyer": {with(""), gst.Derivation{
			"place_of_supply", "27", "IGST Act s.10(1)(ca)", "the seller's state, as the buyer is unregistered",
		}},
		"place of one before s.10(1)(ca)": {edit(with(""), "2025-11-26", "2023-09-30"), gst.Derivation{
			"place_of_supply", "27", "IGST Act s.10(1)(a)", "the seller's state, as the buyer is unregistered",
		}},
		"place of one on its first day": {edit(with(""), "2025-11-26", "2023-10-01"), gst.Derivation{
			"place_of_supply", "27", "IGST Act s.10(1)(ca)", "the seller's state, as the buyer is unregistered",
		}},
		"place of a service to one": {services(""), gst.Derivation{
			"place_of_supply", "27", "IGST Act s.12(2)(b)", "the seller's state, as the buyer is unregistered",
		}},
		"place of exported goods": {
			with(`"supply_type":"EXPWP",`), gst.Derivation{"place_of_supply", "96", "IGST Act s.11(b)", abroad},
		},
		"place of an exported service": {
			services(`"supply_type":"EXPWP",`), gst.Derivation{"place_of_supply", "96", "IGST Act s.13(2)", abroad},
		},
		"place given": {with(buyerIn27 + `"place_of_supply":"33",`), gst.Derivation{
			"place_of_supply", "33", "IGST Act ss.10, 11",
			"given in the request; the default is 27, the state of the buyer's GSTIN",
		}},
		"place given as by default": {with(buyerIn27 + `"place_of_supply":"27",`), gst.Derivation{
			"place_of_supply", "27", "IGST Act s.10(1)(a)", "given in the request, and also the state of the buyer's GSTIN",
		}},

		"head of both": {both, gst.Derivation{
			"tax_head", "IGST", "IGST Act s.7(1); IGST Act s.7(3)",
			"inter-state: the seller is in state 27, the place of supply is 29",
		}},
		"head without lines": {literal, gst.Derivation{
			"tax_head", "IGST", "IGST Act s.7(1); IGST Act s.7(3)",
			"inter-state: the seller is in state 27, the place of supply is 29",
		}},
		"reverse charge within a state": {with(buyerIn27 + `"reverse_charge":true,`), gst.Derivation{
			"totals.total", "100", "CGST Act s.9(3), (4)", reversed,
		}},
		"reverse charge between states": {with(buyerIn29 + `"reverse_charge":true,`), gst.Derivation{
			"totals.total", "100", "IGST Act s.5(3), (4)", reversed,
		}},
		"whole rupees": {goods, gst.Derivation{
			"totals.round_off", "0", "CGST Act s.170", "the items add up to 118, rounded to the rupee",
		}},
		"round-off": {oneLine("1", "62.51", "18", ""), gst.Derivation{
			"totals.round_off", "0.23", "CGST Act s.170", "the items add up to 73.77, rounded to the rupee",
		}},
		"total given": {oneLine("1", "62.51", "18", `"total_amount":73.5,`), gst.Derivation{
			"totals.round_off", "-0.27", "CGST Act s.170", "total_amount of the request, 73.5, less the sum of the items, 73.77",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, derivation(preview(t, tc.body), tc.want.Field))
		})
	}
	require.Zero(t, derivation(preview(t, goods), "totals.total"))
	require.Zero(t, derivation(preview(t, literal), "totals.round_off"), "without lines the tax is unknown")
}

// TestTheHeadIsThatOfTheTax: of each supply type, within the state, to another and abroad.
func TestTheHeadIsThatOfTheTax(t *testing.T) {
	t.Parallel()
	rules := map[string]string{}
	for _, supply := range []string{gst.B2B, gst.B2C, gst.SEZWP, gst.SEZWOP, gst.EXPWP, gst.EXPWOP, gst.DEXP} {
		for _, place := range []string{"27", "29", "96", "97"} {
			for _, service := range []bool{false, true} {
				body := oneLine("1", "100", "18", fmt.Sprintf(`"supply_type":%q,"place_of_supply":%q,`, supply, place))
				p := preview(t, edit(body, `"gst_rate"`, fmt.Sprintf(`"is_service":%t,"gst_rate"`, service)))
				require.Len(t, p.TaxExplanation, 1)
				line, head := p.TaxExplanation[0], derivation(p, "tax_head")
				require.Equal(t, gst.Derivation{"tax_head", line.Head, line.Rule, line.Reason}, head)
				taxed := p.Draft.Totals
				switch line.Head {
				case "CGST+SGST":
					require.True(t, taxed.CGST > 0 && taxed.SGST > 0 && taxed.IGST == 0)
				case "IGST":
					require.True(t, taxed.CGST == 0 && taxed.SGST == 0 && taxed.IGST > 0)
				default:
					require.Equal(t, "none", line.Head)
					require.Zero(t, taxed.CGST+taxed.SGST+taxed.IGST)
				}
				rules[fmt.Sprint(supply, " ", place, " ", service)] = line.Rule
			}
		}
	}
	for supply, rule := range map[string]string{
		"B2B 27 false": "IGST Act s.8(1)", "B2B 27 true": "IGST Act s.8(2)", "B2C 29 false": "IGST Act s.7(1)",
		"DEXP 97 true": "IGST Act s.7(3)", "B2B 96 true": "IGST Act s.7(5)(a)", "EXPWP 96 false": "IGST Act s.7(5)(a)",
		"SEZWP 27 false": "IGST Act s.7(5)(b)", "SEZWOP 27 true": "IGST Act s.16(3)", "EXPWOP 96 true": "IGST Act s.16(3)",
	} {
		require.Equal(t, rule, rules[supply], supply)
	}
}

// TestTheTaxOfALineIsExplained: the formula, and the span of the rate on the day of the invoice. A
// note shows the span of the supply that it may correct.
func TestTheTaxOfALineIsExplained(t *testing.T) {
	t.Parallel()
	line := func(date, rate, hsn, fields string) string {
		return edit(edit(oneLine("2", "62.51", rate, fields), "732393", hsn), "2025-11-26", date)
	}
	note := `"document_type":"CRN","original_invoice_number":"A",`
	packs := edit(line("2026-02-01", "40", "240220", ""), `"gst_rate"`, `"retail_sale_price":100,"gst_rate"`)
	replaced := &gst.RateInForce{Notification: "9/2025-Central Tax (Rate)", From: "2025-09-22"}
	for name, tc := range map[string]struct {
		body, computation string
		rate              *gst.RateInForce
	}{
		"within the state": {
			line("2025-11-26", "0.25", "7103", ""), "CGST and SGST each: 125.02 × 0.125 %", replaced,
		},
		"between states": {
			line("2025-11-26", "18", "732393", buyerIn29), "IGST: 125.02 × 18 %", replaced,
		},
		"before the notifications were replaced": {
			line("2025-09-21", "18", "732393", buyerIn29), "IGST: 125.02 × 18 %",
			&gst.RateInForce{Notification: "1/2017-Central Tax (Rate)", From: "2017-07-01"},
		},
		"nil": {
			line("2025-09-22", "0", "0713", buyerIn29), "IGST: 125.02 × 0 %",
			&gst.RateInForce{Notification: "10/2025-Central Tax (Rate)", From: "2025-09-22"},
		},
		"a service": {
			edit(line("2025-11-26", "18", "998313", buyerIn29), `"gst_rate"`, `"is_service":true,"gst_rate"`),
			"IGST: 125.02 × 18 %", &gst.RateInForce{Notification: "11/2017-Central Tax (Rate)", From: "2017-07-01"},
		},
		"a price with tax": {
			line("2025-11-26", "18", "732393", `"prices_include_tax":true,`),
			"CGST and SGST each: 125.02 × 9 ÷ 118; the taxable value is the rest of 125.02", replaced,
		},
		"without payment": {
			line("2025-11-26", "18", "732393", `"supply_type":"EXPWOP",`), "no tax", replaced,
		},
		"retail sale price": {
			packs, "CGST and SGST each: 2 × 100 × 20 ÷ 140",
			&gst.RateInForce{Notification: "9/2025-Central Tax (Rate)", From: "2025-09-22"},
		},
		"last day of a rate": {
			line("2025-09-21", "12", "732393", buyerIn29), "IGST: 125.02 × 12 %",
			&gst.RateInForce{Notification: "1/2017-Central Tax (Rate)", From: "2017-07-01", Until: "2025-09-21"},
		},
		"not in force": {line("2025-09-22", "12", "732393", buyerIn29), "IGST: 125.02 × 12 %", nil},
		"an older rate of a note": {
			line("2025-11-26", "12", "732393", buyerIn29+note), "IGST: 125.02 × 12 %",
			&gst.RateInForce{Notification: "1/2017-Central Tax (Rate)", From: "2017-07-01", Until: "2025-09-21"},
		},
		"bricks": {
			line("2025-09-22", "12", "690410", buyerIn29), "IGST: 125.02 × 12 %",
			&gst.RateInForce{Notification: "14/2025-Central Tax (Rate)", From: "2025-09-22"},
		},
		"bricks before": {
			line("2025-09-21", "12", "690410", buyerIn29+note), "IGST: 125.02 × 12 %",
			&gst.RateInForce{Notification: "1/2017-Central Tax (Rate)", From: "2017-07-01", Until: "2025-09-21"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			explained := preview(t, tc.body).TaxExplanation[0]
			require.Equal(t, "items[0]", explained.Field)
			require.Equal(t, tc.computation, explained.Computation)
			require.Equal(t, tc.rate, explained.Rate)
			require.Equal(t, "to the paisa, half up", explained.Rounding)
		})
	}
}
