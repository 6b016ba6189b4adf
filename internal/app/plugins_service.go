package app

import (
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/redis"
)

// serviceKinds lists the protocols that deckies can speak.
func serviceKinds() []service.Kind {
	return []service.Kind{
		redis.Kind(),
	}
}
