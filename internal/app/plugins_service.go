package app

import (
	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/http"
	"go.cordon.dev/cordon/internal/deception/service/mysql"
	"go.cordon.dev/cordon/internal/deception/service/postgres"
	"go.cordon.dev/cordon/internal/deception/service/redis"
)

// serviceKinds lists the protocols that deckies can speak. h is what clients find
// who log in.
func serviceKinds(h *host.Hosts) []service.Kind {
	return []service.Kind{
		ftpKind(h),
		http.Kind(),
		mysql.Kind(),
		postgres.Kind(),
		redis.Kind(),
		sshKind(h),
		telnetKind(h),
	}
}
