package egress

import (
	"encoding/base64"
	"strings"
	"testing"
)

// logins is what programs send to be let in, to the host that lets them in.
func logins(t *testing.T) []call {
	const form = "Content-Type: application/x-www-form-urlencoded"
	verifier := strings.NewReplacer("+", "-", "/", "_").Replace(inBase64(50, 32)[:43])
	return []call{
		{"OAuth, an application's own", "POST", "http://login.example/oauth/token", form, "grant_type=client_credentials&client_id=" + digest(51)[:20] + "&client_secret=" + made(t, "{{alnum:40}}") + "&scope=read+write"},
		{"OAuth, a code", "POST", "http://login.example/oauth/token", form, "grant_type=authorization_code&code=" + digest(52)[:32] + "&redirect_uri=http%3A%2F%2Flocalhost%3A8976%2Fcallback&client_id=cli&code_verifier=" + verifier},
		{"OAuth, the way to a code", "GET", "http://login.example/authorize?response_type=code&client_id=cli&state=" + digest(53)[:32] + "&code_challenge=" + verifier + "&code_challenge_method=S256&nonce=" + digest(54)[:16], "", ""},
		{"OAuth, a device waits", "POST", "http://login.example/oauth/device/token", form, "client_id=cli&device_code=" + digest(55)[:40] + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"},
		{"OAuth, an assertion", "POST", "http://login.example/oauth/token", form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + made(t, "{{jwt}}")},
		{"OpenID, what there is", "GET", "http://login.example/.well-known/openid-configuration", "", ""},
		{"OpenID, the public keys", "GET", "http://login.example/.well-known/jwks.json", "", ""},
		{"SAML", "POST", "http://login.example/saml/acs", form, "SAMLResponse=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString([]byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_`+digest(56)[:32]+`"><ds:DigestValue>`+inBase64(57, 32)+`</ds:DigestValue></samlp:Response>`))) + "&RelayState=home"},
		{"a web token to its own host", "GET", "http://api.example/v1/me", "Authorization: Bearer {{jwt}}", ""},
		{"a cookie of a session", "GET", "http://api.example/inbox", "Cookie: sid=" + digest(58) + "; csrftoken=" + digest(59)[:32] + "; theme=dark", ""},
		{"a form with its token", "POST", "http://api.example/profile", form + "\nX-Csrf-Token: " + inBase64(60, 48), "name=Ada&city=London"},
		{"GraphQL", "POST", "http://api.example/graphql", "Content-Type: application/json", `{"operationName":"Repo","variables":{"after":"Y3Vyc29yOnYyOpHOAB` + inBase64(61, 9) + `","first":50},"query":"query Repo($after:String){repository(owner:\"o\",name:\"r\"){issues(after:$after,first:50){nodes{id title author{login}}}}}"}`},
		{"GraphQL, by a query's hash", "GET", "http://api.example/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22" + digest(62) + "%22%7D%7D", "", ""},
		{"a request that is only done once", "POST", "http://api.example/v1/charges", "Idempotency-Key: {{uuid}}\nX-Request-Id: {{uuid:2}}\nTraceparent: 00-" + digest(63)[:32] + "-" + digest(64)[:16] + "-01", `{"amount":1999,"currency":"eur"}`},
	}
}

// uploads is what goes to stores and what stores are asked.
func uploads(t *testing.T) []call {
	const signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA{{base32:16}}%2F20261121%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T101112Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature="
	picture, pixels := form(t, [2]string{"title", "A day at the sea"}, [2]string{"photo=IMG_2024.png", photo(70, 250_000)})
	table, rows := form(t, [2]string{"file=people.csv", "id,name,mail\n" + numbered(1000, "%d,Ada Lovelace,ada@mail.example\n")})
	return []call{
		{"an upload by a signed URL", "PUT", "http://bucket.store.example/k/photo.png?" + signed + digest(71), "Content-Type: image/png", photo(72, 100_000)},
		{"a download by a signed URL", "GET", "http://bucket.store.example/k/photo.png?" + signed + digest(73), "", ""},
		{"an upload with a signature in a field", "PUT", "http://bucket.store.example/k/a.bin", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA{{base32:16}}/20261121/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + digest(74) + "\nX-Amz-Content-Sha256: " + digest(75) + "\nX-Amz-Date: 20261121T101112Z", static(76, 50_000)},
		{"the end of an upload in parts", "POST", "http://bucket.store.example/k/a.bin?uploadId=" + digest(77)[:60], "Content-Type: application/xml", "<CompleteMultipartUpload>" + numbered(20, "<Part><PartNumber>%d</PartNumber><ETag>&quot;"+digest(78)[:32]+"&quot;</ETag></Part>") + "</CompleteMultipartUpload>"},
		{"a piece of an upload that can go on", "PUT", "http://store.example/upload/storage/v1/b/x/o?upload_id=" + digest(79)[:40], "Content-Range: bytes 0-65535/262144", static(80, 65536)},
		{"a picture in a form", "POST", "http://store.example/photos", picture, pixels},
		{"a table in a form", "POST", "http://store.example/import", table, rows},
		{"an archive", "PUT", "http://store.example/backup.tar.gz", "Content-Type: application/gzip", gzipped(strings.Repeat("a line of an ordinary log\n", 5000))},
		{"a certificate, which is public", "POST", "http://store.example/certificates", "Content-Type: application/x-pem-file", "-----BEGIN CERTIFICATE-----\n" + inBase64(81, 600) + "\n-----END CERTIFICATE-----\n"},
		{"a video, in the middle", "PATCH", "http://store.example/files/24e533e02ec3bc40c387f1a0e460e216", "Tus-Resumable: 1.0.0\nUpload-Offset: 70000\nContent-Type: application/offset+octet-stream", static(82, 400_000)},
	}
}

// operations is what clusters, meters and hooks send.
func operations(t *testing.T) []call {
	const json = "Content-Type: application/json\n"
	return []call{
		{"Kubernetes, a watch", "GET", "http://kube.example:6443/api/v1/namespaces/default/pods?allowWatchBookmarks=true&resourceVersion=123456789&watch=true", "Authorization: Bearer {{jwt}}", ""},
		{"Kubernetes, a patch", "PATCH", "http://kube.example:6443/apis/apps/v1/namespaces/default/deployments/web?fieldManager=kubectl", "Authorization: Bearer {{jwt}}\nContent-Type: application/strategic-merge-patch+json", `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-21T10:11:12Z"}},"spec":{"containers":[{"name":"web","image":"images.example/web@sha256:` + digest(90) + `","env":[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]}]}}}}`},
		{"Kubernetes, may I", "POST", "http://kube.example:6443/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json, `{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"resourceAttributes":{"namespace":"default","verb":"get","resource":"secrets"}}}`},
		{"Prometheus, a push", "POST", "http://metrics.example/metrics/job/batch/instance/a", "Content-Type: text/plain; version=0.0.4", "# TYPE rows counter\n" + numbered(200, "rows{table=\"t%d\"} 1234567890\n")},
		{"Prometheus, a remote write", "POST", "http://metrics.example/api/v1/write", "Content-Type: application/x-protobuf\nContent-Encoding: identity\nX-Prometheus-Remote-Write-Version: 0.1.0", static(91, 30_000)},
		{"Prometheus, a query", "POST", "http://metrics.example/api/v1/query_range", "Content-Type: application/x-www-form-urlencoded", "query=sum+by+%28job%29+%28rate%28http_requests_total%7Bcode%3D~%225..%22%7D%5B5m%5D%29%29&start=1763719872.123&end=1763723472.123&step=15s"},
		{"Loki", "POST", "http://metrics.example/loki/api/v1/push", json, `{"streams":[{"stream":{"app":"web"},"values":[["1763719872123456789","GET /index.html 200 12ms request_id=` + digest(92)[:32] + `"]]}]}`},
		{"OpenTelemetry in JSON", "POST", "http://metrics.example/v1/traces", json, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"` + digest(93)[:32] + `","spanId":"` + digest(94)[:16] + `","name":"GET /","startTimeUnixNano":"1763719872123456789"}]}]}]}`},
		{"OpenTelemetry in Protobuf", "POST", "http://metrics.example/v1/traces", "Content-Type: application/x-protobuf\nContent-Encoding: gzip", gzipped(static(95, 20_000))},
		{"Elasticsearch, in bulk", "POST", "http://metrics.example/_bulk", "Content-Type: application/x-ndjson", numbered(200, `{"index":{"_index":"logs","_id":"%d"}}`+"\n"+`{"message":"user logged in","took":12}`+"\n")},
		{"InfluxDB", "POST", "http://metrics.example/api/v2/write?bucket=b&org=o&precision=ns", "Content-Type: text/plain", numbered(300, "cpu,host=a usage=0.%d 1763719872123456789\n")},
		{"an error with its stack", "POST", "http://metrics.example/api/42/envelope/", "Content-Type: application/x-sentry-envelope", `{"event_id":"` + digest(96)[:32] + `","sent_at":"2026-11-21T10:11:12.000Z"}` + "\n" + `{"type":"event"}` + "\n" + `{"exception":{"values":[{"type":"KeyError","value":"'token'","stacktrace":{"frames":[{"filename":"auth.py","lineno":12,"function":"login"}]}}]}}`},
		{"a hook with its signature", "POST", "http://hooks.example/ci", json + "X-Hub-Signature-256: sha256=" + digest(97) + "\nX-GitHub-Delivery: {{uuid}}", `{"ref":"refs/heads/main","before":"` + digest(98)[:40] + `","after":"` + digest(99)[:40] + `"}`},
		{"a hook of the standard", "POST", "http://hooks.example/soc", json + "Webhook-Id: msg_" + digest(100)[:26] + "\nWebhook-Timestamp: 1763719872\nWebhook-Signature: v1," + inBase64(101, 32), `{"type":"finding.created","data":{"fingerprint":"v1:ab12:` + digest(102)[:32] + `","redacted":"AKI****U2"}}`},
		{"a hook of payments", "POST", "http://hooks.example/pay", json + "Stripe-Signature: t=1763719872,v1=" + digest(103) + ",v0=" + digest(104), `{"id":"evt_1` + digest(105)[:23] + `","object":"event","type":"invoice.paid"}`},
	}
}

// data is what looks like a secret at first sight, and is none.
func data(*testing.T) []call {
	const json = "Content-Type: application/json\n"
	return []call{
		{"identifiers", "POST", "http://tools.example/ids", json, `["` + strings.Repeat(`550e8400-e29b-41d4-a716-446655440000","`, 100) + `"]`},
		{"sums", "POST", "http://tools.example/sums", "Content-Type: text/plain", numbered(100, digest(110)+"  file-%d.tar.gz\n")},
		{"a chain's transaction", "POST", "http://tools.example/rpc", json, `{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":["0x` + digest(111) + `"]}`},
		{"a chain's address", "POST", "http://tools.example/rpc", json, `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x` + digest(112)[:40] + `","data":"0x70a08231000000000000000000000000` + digest(113)[:40] + `"},"latest"]}`},
		{"a small program of the web", "PUT", "http://tools.example/app.js", "Content-Type: text/javascript", `!function(e,t){"object"==typeof exports?module.exports=t():e.x=t()}(this,function(){var a="token",b={password:"",apiKey:null};return function(c){return c[a]||b.apiKey}});`},
		{"prose about secrets", "POST", "http://tools.example/posts", "Content-Type: text/markdown", "# Rotating keys\n\nNever commit your `API_KEY`. Set `export API_KEY=<your key>` and `password: changeme` in the example only.\n"},
		{"another alphabet", "POST", "http://tools.example/posts", "Content-Type: text/plain; charset=utf-8", strings.Repeat("Пароль должен быть длинным. 密码应该很长。 كلمة السر\n", 50)},
		{"coordinates and times", "POST", "http://tools.example/track", json, numbered(300, `{"lat":52.%06d,"lon":13.404954,"t":1763719872123}`+"\n")},
		{"a font", "PUT", "http://tools.example/f.woff2", "Content-Type: font/woff2", "wOF2" + static(114, 60_000)},
		{"a phone's book of order numbers", "POST", "http://tools.example/orders", json, numbered(200, `{"order":"ORD-2026-%08d","phone":"+49 30 1234567"}`+"\n")},
	}
}
