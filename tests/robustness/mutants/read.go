package main

// readMutants are the guards of the lists.
func readMutants() []mutant {
	return []mutant{
		{
			"read: of types that are accepted equally, the first is sent", "shared/function/httpapi/accept.go",
			"q > most", "q >= most", "./shared/function/httpapi", "Accepted",
		},
		{
			"list: a cursor belongs to one query", "shared/durable/listing/cursor.go",
			"position, ours := strings.CutPrefix(string(text), mark(query))",
			"position, ours := strings.CutPrefix(string(text), string(text[:min(8, len(text))]))",
			"./shared/durable/listing", "Foreign",
		},
		{
			"list: a page fits Lambda's answer", "shared/function/httpapi/page.go",
			"p.size+size > maxPage && len(p.Items) > 0", "p.size+size > 100*maxPage && len(p.Items) > 0",
			"./functions/serve-api", "PagesFit",
		},
		{
			"list: the work for a page with filters is bounded", "shared/invoice/list.go",
			"maxExamined = 300 ", "maxExamined = 3000 ",
			"./functions/serve-api", "FilteredPages",
		},
		{
			"list: a filter selects by reference", "shared/invoice/list.go",
			"selects(f.Reference, inv.Reference)", "selects(f.Reference, f.Reference)",
			"./shared/issuance", "TestFilters",
		},
		{
			"list: a saga is listed once", "shared/durable/saga/end.go",
			`"pending", attention)`, `"pending")`,
			"./shared/durable/saga", "NeedAttention|OneEntry",
		},
	}
}
