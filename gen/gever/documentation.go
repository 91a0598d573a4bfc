package gever

import _ "embed" // the documents below

// Documentation is openapi/gever.yaml as JSON: the same content, the same order
// of keys. It is rendered by scripts/generate, so that serving it needs no YAML.
//
//go:embed documentation.json
var Documentation []byte

// Live is the document of the running system's form: openapi/gever.yaml under
// openapi/overlays/gever-live.yaml.
//
//go:embed documentation-live.yaml
var Live []byte

// LiveDocumentation is Live as JSON.
//
//go:embed documentation-live.json
var LiveDocumentation []byte
