package main

import (
	"os"
	"strings"
	"time"

	"loket/store/plooi/plooidb"
	"loket/store/scan"
)

// PLOOIConfig is what can be set for PLOOI. Its page names no limits.
type PLOOIConfig struct {
	PidPrefix      string        `env:"PID_PREFIX" text:"PLOOI: what stands before the uuid in a pid, for good; default: this server's public read of it"`
	LocationPrefix string        `env:"LOCATION_PREFIX" text:"PLOOI: what stands before the uuid in Location; default: this server's address of the upload"`
	MaxFile        int64         `env:"MAX_FILE" envDefault:"2147483648" text:"PLOOI: bytes of a file at most"`
	Delay          time.Duration `env:"DELAY" envDefault:"2s" text:"PLOOI: how long a delivery waits before it is processed"`
	KeyFile        string        `env:"KEY_FILE" text:"PLOOI: file with the RSA private key (PEM) that signs tokens; default: made once and kept in the store"`
	Clamd          string        `env:"CLAMD" text:"PLOOI: ClamAV's daemon that looks at each file, tcp://host:port or unix:///path; none when empty"`
	AanleverToken  bool          `env:"AANLEVER_TOKEN" envDefault:"false" text:"PLOOI: take credentials of loket credential create in the header Aanlever-Token too"`
	Rate           float64       `env:"RATE" envDefault:"0" text:"PLOOI: requests a second of one token's organisations, on average; 0 is no limit"`
	Burst          int           `env:"BURST" envDefault:"100" text:"PLOOI: requests that may come at once"`
	InFlight       int           `env:"IN_FLIGHT" envDefault:"0" text:"PLOOI: requests of one token's organisations at the same time; 0 is no limit"`
}

// sound is what Validate asks.
func (c PLOOIConfig) sound() bool {
	return c.MaxFile > 0 && c.Delay >= 0 && c.Rate >= 0 && c.Burst >= 0 && c.InFlight >= 0 && (c.Rate == 0 || c.Burst >= 1)
}

// settings reads the key file and opens the scanner.
func (c PLOOIConfig) settings(addr string) (plooidb.Instellingen, error) {
	set := plooidb.Instellingen{
		PidPrefix: c.PidPrefix, LocatiePrefix: c.LocationPrefix, MaxGrootte: c.MaxFile, Vertraging: c.Delay, AanleverToken: c.AanleverToken,
	}
	if !strings.HasSuffix(addr, ":0") { // a port that is not known yet
		set.DemoOrigin = "http://" + addr
	}
	if c.Delay == 0 {
		set.Vertraging = -1
	}
	if c.KeyFile != "" {
		text, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return set, usagef("LOKET_PLOOI_KEY_FILE cannot be read: %v", reason(err))
		}
		if err := plooidb.LeesSleutel(string(text)); err != nil {
			return set, usagef("LOKET_PLOOI_KEY_FILE: %v", err)
		}
		set.Sleutel = string(text)
	}
	if c.Clamd != "" {
		scanner, err := scan.OpenClamd(c.Clamd)
		if err != nil {
			return set, usagef("LOKET_PLOOI_CLAMD must be tcp://host:port or unix:///path")
		}
		set.Scanner = scanner
	}
	return set, nil
}
