package gever

import _ "embed" // the document below

// Documentation is openapi/gever.yaml as JSON: the same content, the same order
// of keys. It is rendered by scripts/generate, so that serving it needs no YAML.
//
//go:embed documentation.json
var Documentation []byte
