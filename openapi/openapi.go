// Package openapi holds the contracts: one hand-written, self-contained
// OpenAPI 3.0.3 document per API, embedded as it stands, and overlays where an
// API has another form besides. Everything else is made from these: gen/<api>,
// the served documentation, the request validator. workflows holds Arazzo 1.0.1
// documents beside them: what one does with an API, step by step;
// scripts/workflows executes them. It imports only the standard library; any
// package may import it.
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

// CAPOWorkflows are the Arazzo workflows of CAPO, byte for byte as workflows/capo.yaml.
//
//go:embed workflows/capo.yaml
var CAPOWorkflows []byte

// VEMAPWorkflows are the Arazzo workflows of VEMAP, byte for byte as workflows/vemap.yaml.
//
//go:embed workflows/vemap.yaml
var VEMAPWorkflows []byte

// KonovaWorkflows are the Arazzo workflows of Konova, byte for byte as workflows/konova.yaml.
//
//go:embed workflows/konova.yaml
var KonovaWorkflows []byte

// PLOOIWorkflows are the Arazzo workflows of PLOOI, byte for byte as workflows/plooi.yaml.
//
//go:embed workflows/plooi.yaml
var PLOOIWorkflows []byte

// GEVERWorkflows are the Arazzo workflows of GEVER, byte for byte as workflows/gever.yaml.
//
//go:embed workflows/gever.yaml
var GEVERWorkflows []byte
