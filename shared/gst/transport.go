package gst

import (
	"regexp"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// Transport is how the goods go to the buyer, as an e-way bill says it.
type Transport struct {
	TransporterID   string      `json:"transporter_id,omitempty"` // GSTIN, or TRANSIN of an unregistered one
	TransporterName string      `json:"transporter_name,omitempty"`
	Mode            string      `json:"mode,omitempty"`
	DistanceKM      money.Count `json:"distance_km,omitempty"`
	DocumentNumber  string      `json:"document_number,omitempty"` // of a receipt, airway bill or bill of lading
	DocumentDate    Date        `json:"document_date,omitempty"`
	VehicleNumber   string      `json:"vehicle_number,omitempty"`
	VehicleType     string      `json:"vehicle_type,omitempty"` // odc is for over-dimensional cargo
}

// maxDistance is that of the e-way bill, in kilometres.
const maxDistance money.Count = 4000

var (
	transporterPattern = regexp.MustCompile(`^[0-9]{2}[0-9A-Z]{13}$`)
	transportPattern   = regexp.MustCompile(`^[0-9A-Z/-]{1,15}$`)
	vehiclePattern     = regexp.MustCompile(`^[0-9A-Z]{4,20}$`)
)

func parseTransport(r *strictjson.Reader) Transport {
	transporter := matches(transporterPattern, "a GSTIN or TRANSIN of 15 digits and capital letters")
	document := matches(transportPattern, "1 to 15 capital letters, digits, hyphens and slashes")
	vehicle := matches(vehiclePattern, "4 to 20 capital letters and digits, such as MH12AB1234")
	return Transport{
		TransporterID:   strictjson.Matching(r, "transporter_id", "transporter_malformed", transporter),
		TransporterName: r.Text("transporter_name", MaxName),
		Mode:            r.OneOf("mode", "", "road", "rail", "air", "ship"),
		DistanceKM:      money.Field(r, "distance_km", money.ParseCount, 0, maxDistance),
		DocumentNumber:  strictjson.Matching(r, "document_number", "transport_document_malformed", document),
		DocumentDate:    strictjson.Matching(r, "document_date", "date_invalid", ParseDate),
		VehicleNumber:   strictjson.Matching(r, "vehicle_number", "vehicle_malformed", vehicle),
		VehicleType:     r.OneOf("vehicle_type", "", "regular", "odc"),
	}
}
