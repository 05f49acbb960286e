package events

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the API (OpenAPI 3.1) that GET /openapi.json serves.
func OpenAPI() []byte { return openAPI }
