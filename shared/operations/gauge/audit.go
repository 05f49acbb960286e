package gauge

import (
	"context"

	"github.com/invochain/invochain/shared/metric"
)

// readAudit reads how far the audit log is sealed.
func (r *Reader) readAudit(ctx context.Context) ([]Reading, error) {
	s, err := r.audit.Stats(ctx)
	if err != nil {
		return nil, err
	}
	return []Reading{
		{Name: metric.AuditLogSize, Value: float64(s.Size)},
		{Name: metric.AuditUnsealed, Value: float64(s.Size - s.Sealed)},
		{Name: metric.AuditSealAge, Value: s.Oldest.Seconds()},
	}, nil
}
