package invoice

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Left is how much of one amount of an original is left for credit notes.
type Left struct {
	Amount string      `json:"amount"`             // value, taxable_value or tax
	Rate   *gst.Rate   `json:"gst_rate,omitempty"` // of a taxable value at one rate
	Wanted money.Paise `json:"wanted"`
	Left   money.Paise `json:"left"`
}

// JudgeNote returns why item, the balance of original, refused a note: a *problem.Error,
// original_cancelled or credit_exceeds_original. Nil means that only its list of notes is full.
func JudgeNote(original, note gst.Invoice, item dynamo.Item) error {
	if _, isCancelled := item[cancelled]; isCancelled {
		return originalCancelled(original)
	}
	credited, err := creditedOf(item)
	if err != nil {
		return err
	}
	var all []Left
	exceeded := -1
	for _, c := range columns(original, note) {
		if !c.bounded {
			continue
		}
		l := Left{c.label, c.rate, c.amount, max(c.limit-credited[c.name], 0)}
		if l.Wanted > l.Left && exceeded < 0 {
			exceeded = len(all)
		}
		all = append(all, l)
	}
	if exceeded < 0 {
		return nil
	}
	return creditExceeds(original, all, all[exceeded])
}

// creditedOf returns the columns of a balance by attribute.
func creditedOf(item dynamo.Item) (map[string]money.Paise, error) {
	credited := map[string]money.Paise{}
	for name, value := range item {
		if _, isNumber := value.(*types.AttributeValueMemberN); !isNumber {
			continue
		}
		var amount money.Paise
		if err := attributevalue.Unmarshal(value, &amount); err != nil {
			return nil, fmt.Errorf("decode a balance: %w", err)
		}
		credited[name] = amount
	}
	return credited, nil
}

func creditExceeds(original gst.Invoice, all []Left, first Left) error {
	what := map[string]string{"value": "value", "taxable_value": "taxable value", "tax": "tax"}[first.Amount]
	if first.Rate != nil {
		what += fmt.Sprintf(" at %s %%", first.Rate)
	}
	return &problem.Error{
		Kind: problem.Conflict, Code: "credit_exceeds_original",
		Message: fmt.Sprintf("the note credits a %s of %s, and of invoice %s only %s is left to credit",
			what, first.Wanted, original.InvoiceNumber, first.Left),
		Extensions: map[string]any{"left": all},
	}
}

func originalCancelled(original gst.Invoice) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "original_cancelled",
		Message: fmt.Sprintf("invoice %s is cancelled; there is nothing left to correct", original.InvoiceNumber),
	}
}
