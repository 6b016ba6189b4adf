package api

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Configured tells the configuration in force.
type Configured interface {
	// Configuration fills everything but the limits that are the API's own. It
	// holds no secret in the clear.
	Configuration() (Configuration, error)
}

type configurationOutput struct{ Body Configuration }

func (s *server) configuration(context.Context, *struct{}) (*configurationOutput, error) {
	if s.Configured == nil {
		return nil, problem(http.StatusConflict, "no server runs here: cordon config print shows the file")
	}
	c, err := s.Configured.Configuration()
	if err != nil {
		return nil, fmt.Errorf("showing the configuration: %w", err)
	}
	c.Live, c.Warnings = append([]string{}, c.Live...), append([]string{}, c.Warnings...)
	c.Limits.RequestBytes, c.Limits.RequestSeconds, c.Limits.PageRows = maxBody, int(requestDeadline/time.Second), maxPageRows
	return &configurationOutput{c}, nil
}
