package main

// product is an article of the wholesaler with its GST rates before and from
// 22 September 2025.
type product struct {
	sku, name, hsn, unit string
	price                int  // thousandths of a rupee
	before, after        int  // percent
	loose                bool // sold in fractions of a unit
}

func products() []product {
	return []product{
		{"RICE-25KG", "Basmati rice, bag of 25 kg", "10063020", "BAG", 1_875_500, 5, 5, false},
		{"WHEAT-50", "Wheat, loose", "10019910", "KGS", 32_255, 0, 0, true},
		{"TV-55", "Television, 55 inch", "852872", "NOS", 48_999_000, 28, 18, false},
		{"SOAP-72", "Toilet soap, carton of 72", "34011190", "CTN", 2_159_990, 18, 5, false},
		{"COLA-24", "Aerated drink, crate of 24", "22021010", "BOX", 864_000, 28, 40, false},
		{"STEEL-ROD", "Steel rod, 12 mm", "72142090", "MTR", 62_755, 18, 18, true},
		{"NOTEBOOK", "Exercise book", "48202000", "DOZ", 479_250, 12, 0, false},
		{"", "Display stand, made to order", "940320", "NOS", 3_250_000, 18, 18, false},
		{"", "Freight and handling", "996511", "", 1_500_000, 18, 18, false},
	}
}

// buyer is the recipient of a supply, with the supply type and the place of supply.
type buyer struct {
	name, gstin, address, supply, place string

	intra, taxed bool // intra-state and taxed; the seller is in Maharashtra (27)
}

// buyers lists the buyers. The check character of each GSTIN is valid. Names in other scripts are of
// B2C: the invoices of all others are registered at the portal.
func buyers() []buyer {
	return []buyer{
		{"Sharma Stores", "27AAACI1681G1ZP", "12 Laxmi Road, Pune 411030", "", "", true, true},
		{"Sharma Traders", "27AAJCS5738D1Z6", "4 Dadar, Mumbai 400014", "B2B", "27", true, true},
		{"Meena Angadi", "33AAACI1681G1ZW", "7 Anna Salai, Chennai 600002", "", "", false, true},
		{"Café Goa 🥭", "29AABCR1718E1ZL", "1 MG Road, Bengaluru 560001", "", "", false, true},
		// delivered in Mumbai
		{"Delhi Cash & Carry", "07AAACI1681G1ZR", "Karol Bagh, New Delhi 110005", "B2B", "27", true, true},
		{"UN Office", "0717UNO00211UN2", "55 Lodi Estate, New Delhi 110003", "", "", false, true},
		{"Seepz Electronics", "27AAPFU0939F1ZV", "SEEPZ, Andheri East, Mumbai 400096", "SEZWP", "", false, true},
		{"Kandla Exports", "24AAACI1681G1ZV", "Kandla SEZ, Gandhidham 370230", "SEZWOP", "", false, false},
		{"Al Noor Store", "", "Deira, Dubai", "EXPWP", "96", false, true},
		{"Kathmandu Traders", "", "New Road, Kathmandu", "EXPWOP", "", false, false},
		{"रवि कुलकर्णी", "", "४ स्टेशन रोड, मुंबई 400001", "", "", true, true},
		{"ஆஷா நாயர்", "", "Fort Kochi, Kochi 682001", "B2C", "32", false, true},
	}
}
