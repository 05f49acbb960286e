package events

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI is the API's description (OpenAPI 3.1), as served at /openapi.json.
func OpenAPI() []byte { return openAPI }
