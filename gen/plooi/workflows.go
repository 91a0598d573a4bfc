package plooi

import _ "embed" // the document below

// Workflows is openapi/workflows/plooi.yaml as JSON: the same content, the same
// order of keys. It is rendered by scripts/generate.
//
//go:embed workflows.json
var Workflows []byte
