package capo

import _ "embed" // the document below

// Workflows is openapi/workflows/capo.yaml as JSON: the same content, the same
// order of keys. It is rendered by scripts/generate.
//
//go:embed workflows.json
var Workflows []byte
