package redis

import (
	"math/rand/v2"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// lottery draws what the real server draws at random.
type lottery struct{ *rand.Rand }

func newLottery(p *persona.Persona) *lottery { return &lottery{p.Rand("redis: draws")} }
