package events

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"
)

// Act is an administrative act. It is sent to the audit log before it takes effect, so that no effect
// lacks its entry; an entry whose effect failed is possible. It names no buyer.
type Act struct {
	ID         string    `json:"id"` // the log has it once
	Action     string    `json:"action"`
	MerchantID string    `json:"merchant_id,omitempty"` // empty for an act on the platform
	Subject    string    `json:"subject,omitempty"`     // what it was done to
	Actor      string    `json:"actor"`
	Reason     string    `json:"reason,omitempty"`
	At         time.Time `json:"at"`
}

// The actions of acts; SagaStuck is one too. docs/audit.md has the table.
const (
	BreakerForced      = "breaker.forced"
	BreakerReset       = "breaker.reset"
	BuyerErased        = "buyer.erased"
	BuyerExported      = "buyer.exported"
	ClientCreated      = "client.created"
	ClientRevoked      = "client.revoked"
	ClientRolled       = "client.rolled"
	DeadLetterDropped  = "dead_letter.dropped"
	DeadLetterRedriven = "dead_letter.redriven"
	HoldLifted         = "hold.lifted"
	HoldPut            = "hold.put"
	KeyRotated         = "key.rotated"
	KeyWithdrawn       = "key.withdrawn"
	LimitReset         = "limit.reset"
	LimitSet           = "limit.set"
	ProfileChanged     = "profile.changed"
	SagaRedriven       = "saga.redriven"
	SeriesHandedOver   = "series.handed_over"
)

// ActID derives the id of an act from what makes it the same act, at least its action: the log has
// one entry of it, however often it is sent.
func ActID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
}

// SagaAct returns the act SagaStuck or SagaRedriven of an actor on a saga; redrive is the number of the
// redrive that got stuck, or that is begun. The same one again adds nothing to the log.
func SagaAct(action, sagaID, merchantID string, redrive int, actor string) Act {
	return Act{
		ID: ActID(action, sagaID, strconv.Itoa(redrive), actor), Action: action, MerchantID: merchantID, Subject: sagaID,
		Actor: actor,
	}
}
