package gst_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// facts reads a file from outside the checkout into v, or skips the test if it is not
// there. The files belong to other projects and are read in place, never copied.
func facts(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../shared/gst/data", name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not available", name)
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, v))
}

// taxCase is an invoice of one line and its expected totals, in rupees, from another
// project's tests.
type taxCase struct {
	Source     string              `json:"src"`
	Lines      []map[string]string `json:"lines"`
	Intra      bool                `json:"intra"`
	TaxToRupee bool                `json:"round_tax_to_rupee"`
	Freight    string              `json:"freight_before_tax"`
	Charges    string              `json:"freight_after_tax"`
	Expect     map[string]money.Paise
}

// request returns the case as a request, with its expected cess: our requests hold amounts
// of cess, not rates.
func (c taxCase) request(t *testing.T) string {
	t.Helper()
	line := c.Lines[0]
	number := func(head, otherwise string) *big.Rat {
		r, ok := new(big.Rat).SetString(cmp.Or(line[head], otherwise))
		require.True(t, ok, head)
		return r
	}
	quantity, price := number("qty", "1"), number("price", cmp.Or(line["taxable"], "0"))
	discount := new(big.Rat).Mul(new(big.Rat).Mul(quantity, price), number("disc_pct", "0"))
	place, total := "29", ""
	if c.Intra {
		place = "27"
	}
	if given, ok := c.Expect["total"]; ok {
		total = fmt.Sprintf(`"total_amount":%s,`, given)
	}
	body := oneLine(quantity.FloatString(0), price.FloatString(2), line["gst"], `"place_of_supply":"`+place+`",`+total)
	fields := fmt.Sprintf(`"discount":%s,"cess_amount":%s,"gst_rate"`,
		discount.Quo(discount, big.NewRat(100, 1)).FloatString(2), c.Expect["cess"]+c.Expect["cess_non_advol"])
	return edit(body, `"gst_rate"`, fields)
}

// TestTaxAgreesWithOtherProjects skips the cases with charges outside the lines or tax
// rounded to the rupee, which our invoices do not have.
func TestTaxAgreesWithOtherProjects(t *testing.T) {
	var file struct {
		Cases []taxCase `json:"cases"`
	}
	facts(t, "tax_total_cases.json", &file)
	compared := 0
	for n, c := range file.Cases {
		if c.TaxToRupee || c.Freight != "" || c.Charges != "" {
			continue
		}
		compared++
		t.Run(fmt.Sprintf("%d %s", n, c.Source), func(t *testing.T) {
			got := assess(t, c.request(t)).Totals
			have := map[string]money.Paise{
				"taxable": got.TaxableValue, "cgst": got.CGST, "sgst": got.SGST, "igst": got.IGST,
				"cess": got.Cess, "cess_non_advol": got.Cess, "round_off": got.RoundOff, "total": got.Total,
			}
			for head, want := range c.Expect {
				require.Equal(t, want, have[head], head)
			}
		})
	}
	require.GreaterOrEqual(t, compared, 6)
}

// TestPlaceOfSupplyAgreesWithOdoo takes the sales of Odoo's cases. Its company is in state
// 24 unless the case names a branch.
func TestPlaceOfSupplyAgreesWithOdoo(t *testing.T) {
	var file struct {
		Cases []struct {
			Kind   string `json:"kind"`
			Buyer  string `json:"buyer"`
			Place  string `json:"pos"`
			Tax    string `json:"tax"`
			Branch string `json:"branch_state"`
		} `json:"cases"`
	}
	facts(t, "pos_cases_odoo.json", &file)
	sellers := map[string]gst.GSTIN{"24": "24AABCU9603R1ZT", "27": "27AABCU9603R1ZN"}
	for _, c := range file.Cases {
		if c.Kind == "purchase" {
			continue
		}
		fields := `"supply_type":"EXPWP",`
		if c.Place != "96" {
			fields = fmt.Sprintf(`"buyer_gstin":"%sAAACI1681G1ZP","place_of_supply":"%s",`, c.Buyer[:2], c.Place)
		}
		inv, err := gst.Assess(parse(t, oneLine("1", "100", "18", fields)),
			gst.Seller{GSTIN: sellers[cmp.Or(c.Branch, "24")], Compliance: gst.Advise}, "")
		require.NoError(t, err)
		require.Equal(t, c.Place, inv.PlaceOfSupply, c.Buyer)
		require.Equal(t, c.Tax == "CGST+SGST", inv.Totals.CGST > 0, c.Buyer)
		require.Equal(t, c.Tax != "CGST+SGST", inv.Totals.IGST > 0, c.Buyer)
	}
}

// TestStatesAndUnitsAreThoseOfThePortal checks that exactly the portal's states, and all of
// its units, are accepted.
func TestStatesAndUnitsAreThoseOfThePortal(t *testing.T) {
	var file struct {
		States map[string]string `json:"STATE_NUMBERS"`
		Units  map[string]string `json:"UOM_MAP"`
	}
	facts(t, "masters_states_uqc_pins_ports.json", &file)
	states := map[string]bool{"25": true, "28": true} // legacy
	for _, code := range file.States {
		states[code] = true
	}
	for n := range 100 {
		code := fmt.Sprintf("%02d", n)
		_, err := gst.ParseRequest([]byte(oneLine("1", "1", "18", `"place_of_supply":"`+code+`",`)))
		require.Equal(t, states[code], err == nil, code)
	}
	for code := range file.Units {
		_, err := gst.ParseRequest([]byte(edit(oneLine("1", "1", "18", ""), `"NOS"`, `"`+code+`"`)))
		require.NoError(t, err, code)
	}
}
