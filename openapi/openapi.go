// Package openapi holds the contracts: one hand-written, self-contained
// OpenAPI 3.0.3 document per API, embedded as it stands. Everything else is
// made from these: gen/<api>, the served documentation, the request validator.
// It imports only the standard library; any package may import it.
package openapi

import (
	_ "embed" // the documents below
)

// CAPO is the document of the CAPO API, byte for byte as capo.yaml.
//
//go:embed capo.yaml
var CAPO []byte

// VEMAP is the document of the VEMAP API, byte for byte as vemap.yaml.
//
//go:embed vemap.yaml
var VEMAP []byte

// Konova is the document of the Konova API, byte for byte as konova.yaml.
//
//go:embed konova.yaml
var Konova []byte

// PLOOI is the document of the PLOOI Aanlever-API, byte for byte as plooi.yaml.
//
//go:embed plooi.yaml
var PLOOI []byte

// GEVER is the document of the GEVER API, byte for byte as gever.yaml.
//
//go:embed gever.yaml
var GEVER []byte
