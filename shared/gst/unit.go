package gst

import (
	"fmt"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// units lists the unit quantity codes (UQC) of the GST portal. NA is for services.
const units = "BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GMS GRS GYD KGS KLR KME " +
	"LTR MLT MTR MTS NOS OTH PAC PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS NA"

// unitOfServices is the unit of what is not counted.
const unitOfServices = "NA"

func parseUnit(s string) (string, error) {
	codes := strings.Fields(units)
	if slices.Contains(codes, s) {
		return s, nil
	}
	similar := slices.IndexFunc(codes, func(code string) bool { return strings.HasPrefix(code, strings.ToUpper(s)) })
	if similar < 0 {
		return "", fmt.Errorf("%q is not a GST unit code (UQC), such as KGS or NOS", problem.Clip(s))
	}
	return "", fmt.Errorf("%q is not a GST unit code (UQC); did you mean %q?", problem.Clip(s), codes[similar])
}
