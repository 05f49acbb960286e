package metric

import (
	"cmp"
	"slices"
	"strings"
)

// Values of a label for a value that it may not have.
const (
	otherMethod    = "OTHER"
	unmatchedRoute = "unmatched"
	other          = "other"
)

// ReleaseLabel is a label whose value is the release of the instance that records, see Release. A
// deployment has one, and while it replaces another one, two.
const ReleaseLabel = "release"

// maxRelease bounds the length of a release's name in bytes.
const maxRelease = 12

// Release returns the name of a release as a label and a saga carry it: of its first 12 lowercase
// letters, digits, dots and hyphens; dev if it has none.
func Release(name string) string {
	kept := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return -1
	}, name)
	return cmp.Or(kept[:min(len(kept), maxRelease)], "dev")
}

// Values lists the values that a label of a metric may have. Any other value is recorded
// as Fallback, so that no caller of the API can create series by requesting many paths. It has none of
// ReleaseLabel, which no caller names.
func Values(metric, label string) []string {
	switch label {
	case "method":
		return []string{"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"}
	case "route":
		return routes()
	case "status":
		return []string{
			"200", "201", "202", "204", "304", "400", "401", "403", "404", "405", "406", "408", "409",
			"410", "413", "415", "422", "429", "500", "502", "503", "504",
		}
	case "code":
		return codes()
	case "door":
		return []string{"http", "queue"}
	case "document":
		return []string{"INV", "CRN", "DBN", "BOS", "ICB"}
	case "reason":
		return reasons(metric)
	case "dependency":
		return []string{"inventory", "dynamodb", "sqs", "lambda", "states", "events"}
	case "step":
		return []string{
			"Reserve Inventory", "Create Invoice", "Log Audit", "Publish Event",
			"Delete Invoice", "Release Inventory", "Hold Invoice", "Return Stock", "Void Number",
		}
	case "operation":
		return operations()
	case "queue":
		return []string{"requests", "audit", "publish", "inventory", "compensation", "undelivered"}
	case "outcome":
		return outcomes(metric)
	default:
		return nil
	}
}

func reasons(metric string) []string {
	if metric == SecurityRefusals {
		return []string{
			"missing", "malformed", "unknown_key", "signature", "expired", "claims", "revoked",
			"scope", "merchant", "rate", "credentials", "keys_unavailable",
		}
	}
	return []string{"out_of_stock", "not_sold", "stock_busy", "breaker_open", "timeout", "error"}
}

func routes() []string {
	return []string{
		"/invoices", "/invoices/{id}", "/invoices/{id}/cancellation", "/invoices/{id}/receipt", "/invoices/preview",
		"/audit", "/audit/key", "/sagas", "/sagas/{id}", "/merchants/{id}",
		"/inventory", "/inventory/{sku}",
		"/inventory/{sku}/movements",
		"/health", "/health/ready", "/openapi.json", "/metrics",
		"/erasures", "/erasures/{id}", "/holds", "/holds/{id}",
		"/subjects/exports", "/subjects/exports/{id}",
		"/oauth/token", "/clients", "/clients/{id}", "/clients/{id}/roll",
		"/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/.well-known/document-keys.json",
	}
}

// codes lists the codes of problem documents, and the empty one of a success.
func codes() []string {
	return []string{
		"", "already_cancelled", "bad_gateway", "body_empty", "body_not_json", "body_not_object", "body_not_utf8",
		"body_too_deep", "body_too_large", "cancellation_window_closed", "client_not_found", "client_revoked",
		"compensation_in_progress", "compliance_findings", "corrected_by_note", "credit_exceeds_original",
		"cursor_invalid", "duplicate_field", "erasure_not_found", "export_not_found", "external_id_taken",
		"gstin_in_use", "gstin_taken", "hold_not_found", "idempotency_key_expired", "idempotency_key_invalid",
		"idempotency_key_missing", "idempotency_key_reused", "if_match_invalid", "insufficient_scope", "internal",
		"invalid_query", "invalid_request", "invalid_reservation", "invalid_stock", "invalid_token",
		"inventory_unavailable", "invoice_not_found", "invoice_number_taken", "invoice_too_large",
		"merchant_forbidden", "merchant_id_required", "merchant_not_found", "method_not_allowed", "not_ready",
		"not_sealed_yet", "not_sold", "note_before_original", "note_not_cancellable", "on_hand_out_of_range",
		"original_cancelled", "original_differs", "original_is_note", "original_not_found", "out_of_stock",
		"period_closed", "period_not_ended", "period_reopen_forbidden", "precondition_failed", "quota_exceeded",
		"rate_not_on_original", "refused_by_gateway", "request_dropped", "request_in_progress", "route_not_found",
		"saga_ended", "saga_not_found", "series_busy", "series_exhausted", "stock_busy", "temporarily_unavailable",
		"throttled", "timeout", "too_many_holds", "too_many_secrets", "total_mismatch", "under_hold", "unknown_sku",
		"unsupported_media_type",
	}
}

func operations() []string {
	return []string{
		"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem",
		"TransactWriteItems", "TransactGetItems",
	}
}

func outcomes(metric string) []string {
	switch metric {
	case InvoiceDuration:
		return []string{"created", "replayed", "refused", "failed"}
	case IdempotencyRequests:
		return []string{"won", "resumed", "replayed", "shared", "busy", "undoing", "mismatch", "error"}
	case SagaCompleted:
		return []string{"completed", "aborted", "compensated", "stuck"}
	case SagaStepDuration:
		return []string{"ok", "refused", "failed"}
	case SagaCompensations:
		return []string{"ok", "failed"}
	case AuditSeals:
		return []string{"ok", "moved", "altered", "failed"}
	case LateSales:
		return []string{"confirmed", "failed"}
	case RecoverRuns:
		return []string{"ok", "held", "failed"}
	case LockAcquisitions:
		return []string{"acquired", "held", "error"}
	case DynamoDBRequests:
		return []string{"ok", "refused", "conflict", "throttled", "error"}
	default:
		return nil
	}
}

// Optional reports whether a label of a metric may be empty, which Prometheus takes for
// absent. CloudWatch gets the metric without such a label, and with it if it has a value.
func Optional(metric, label string) bool {
	return label == ReleaseLabel || slices.Contains(Values(metric, label), "")
}

// Fallback returns the value that a label gets instead of one that it may not have.
func Fallback(label string) string {
	switch label {
	case "method":
		return otherMethod
	case "route":
		return unmatchedRoute
	default:
		return other
	}
}
