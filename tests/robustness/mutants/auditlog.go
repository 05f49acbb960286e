package main

// auditLogMutants are the guards of the signed audit log.
func auditLogMutants() []mutant {
	const sealed, receipts = "shared/audit/seal/", "shared/audit/receipt/"
	return []mutant{
		{
			"seal: an entry that was changed stops it", sealed + "tree.go",
			"if h := tlog.RecordHash(data); !bytes.Equal(", "if h := tlog.RecordHash(data); false && !bytes.Equal(",
			"./" + sealed, "AlteredIsFound|ChangedInTheTable",
		},
		{
			"seal: a log that shrank stops it", sealed + "seal.go",
			"case size < old.N:", "case size < old.N && false:",
			"./" + sealed, "AlteredIsFound",
		},
		{
			"seal: a receipt is of what was signed", sealed + "prove.go",
			"if tlog.CheckRecord(proof, c.N, c.Hash, e.Place, tlog.RecordHash(e.Data)) != nil {", "if false {",
			"./" + sealed, "AlteredIsFound",
		},
		{
			"seal: what is final is put for good", sealed + "tree.go",
			"t.W == fullWidth); err != nil {\n\t\t\treturn err", "false); err != nil {\n\t\t\treturn err",
			"./" + sealed, "FinalObjects",
		},
		{
			"audit: a checkpoint replaces the one it was made from", "shared/audit/checkpoint.go",
			`unmoved = expression.Name("note").Equal(expression.Value(from))`,
			`unmoved = dynamo.Absent().Or(expression.Name("pk").AttributeExists())`,
			"./shared/audit", "CheckpointAdvancesOnce",
		},
		{
			"receipt: the checkpoint has the log's name", receipts + "key.go",
			"torchwood.ThresholdPolicy(2,", "torchwood.ThresholdPolicy(1,",
			"./" + receipts, "AnotherOrigin",
		},
		{
			"receipt: the document is the one that the entry commits to", receipts + "receipt.go",
			"[]byte(e.Document)) != 1", "[]byte(sum)) != 1",
			"./" + receipts, "DoesNotVerify",
		},
		{
			"receipt: a log that was rewritten is noticed", receipts + "receipt.go",
			"if tlog.CheckTree(hashes, now.N, now.Hash, earlier.N, earlier.Hash) != nil {", "if false {",
			"./" + receipts, "Consistency",
		},
	}
}
