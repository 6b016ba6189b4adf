package egress

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// packages is what package managers ask for.
func packages() []call {
	const npm = "User-Agent: npm/10.8.2 node/v20.19.0 linux x64 workspaces/false\nAccept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*\nNpm-Command: install\nPacote-Version: 18.0.6\nPacote-Req-Type: packument\n"
	return []call{
		{"npm, what versions there are", "GET", "http://registry.example/@types%2fnode", npm, ""},
		{"npm, a package", "GET", "http://registry.example/express/-/express-4.21.2.tgz", npm + "Pacote-Integrity: sha512-" + inBase64(1, 64), ""},
		{"npm, an audit", "POST", "http://registry.example/-/npm/v1/security/advisories/bulk", npm + "Content-Encoding: gzip\nContent-Type: application/json", gzipped(`{"express":["4.21.2"],"semver":["7.6.3","6.3.1"]}`)},
		{"pip, an index", "GET", "http://registry.example/simple/requests/", "Accept: application/vnd.pypi.simple.v1+json, text/html;q=0.01\nUser-Agent: pip/23.0.1 {\"ci\":null,\"cpu\":\"x86_64\",\"openssl_version\":\"OpenSSL 3.0.17 1 Jul 2025\",\"python\":\"3.11.2\"}", ""},
		{"pip, a wheel", "GET", "http://files.registry.example/packages/" + digest(2)[:2] + "/" + digest(2)[2:4] + "/" + digest(2)[4:] + "/requests-2.32.3-py3-none-any.whl", "", ""},
		{"uv, a part of a wheel", "GET", "http://files.registry.example/packages/numpy-2.1.3.whl.metadata", "Range: bytes=-16384\nUser-Agent: uv/0.5.9", ""},
		{"cargo, its index", "GET", "http://index.registry.example/se/rd/serde", "Cargo-Protocol: version=1\nIf-None-Match: \"" + digest(3)[:32] + "\"", ""},
		{"cargo, a crate", "GET", "http://static.registry.example/crates/serde/1.0.217/download", "User-Agent: cargo/1.83.0 (5ffbef321 2024-10-29)", ""},
		{"go, versions", "GET", "http://proxy.registry.example/golang.org/x/net/@v/list", "User-Agent: Go-http-client/1.1", ""},
		{"go, a version of a commit", "GET", "http://proxy.registry.example/github.com/!burnt!sushi/toml/@v/v0.0.0-20240101123456-" + digest(4)[:12] + ".zip", "", ""},
		{"go, the sums", "GET", "http://sum.registry.example/tile/8/0/x123/456.p/78", "", ""},
		{"maven", "GET", "http://registry.example/maven2/org/slf4j/slf4j-api/2.0.16/slf4j-api-2.0.16.jar.sha1", "User-Agent: Apache-Maven/3.9.9 (Java 21.0.5; Linux 6.1)", ""},
		{"gems", "GET", "http://registry.example/info/rails", "Range: bytes=40959-\nIf-None-Match: \"" + digest(5)[:32] + "\"", ""},
		{"apt, by hash", "GET", "http://registry.example/debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/" + digest(6), "User-Agent: Debian APT-HTTP/1.3 (2.6.1)\nCache-Control: max-age=0", ""},
		{"dnf, metadata", "GET", "http://registry.example/repo/repodata/" + digest(7) + "-primary.xml.zst", "", ""},
		{"apk", "GET", "http://registry.example/alpine/v3.21/main/x86_64/APKINDEX.tar.gz", "", ""},
		{"composer", "GET", "http://registry.example/p2/symfony/console~dev.json", "User-Agent: Composer/2.8.4 (Linux; 6.1; PHP 8.3.14; cURL 8.5.0)", ""},
		{"nuget", "GET", "http://registry.example/v3/registration5-gz-semver2/newtonsoft.json/index.json", "X-NuGet-Session-Id: {{uuid}}", ""},
		{"conda", "GET", "http://registry.example/conda-forge/linux-64/repodata.json.zst", "", ""},
		{"a model's weights", "HEAD", "http://registry.example/org/model/resolve/" + digest(8)[:40] + "/model-00001-of-00004.safetensors", "X-Amz-Meta: none", ""},
		{"helm", "GET", "http://registry.example/charts/index.yaml", "", ""},
		{"a lock file's integrity, asked for", "POST", "http://registry.example/-/verify", "Content-Type: application/json", numbered(50, `{"resolved":"https://registry.example/p%d.tgz","integrity":"sha512-`+inBase64(9, 64)+`"}`+"\n")},
	}
}

// gitAndImages is what git and container tools say.
func gitAndImages(t *testing.T) []call {
	wants := numbered(40, "0032want "+digest(10)[:36]+"%04x\n") + "00000009done\n"
	manifest := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:` + digest(11) + `","size":7023},"layers":[{"digest":"sha256:` + digest(12) + `","size":32654}]}`
	lfs := `{"operation":"upload","transfers":["basic"],"ref":{"name":"refs/heads/main"},"objects":[{"oid":"` + digest(13) + `","size":12345}]}`
	return []call{
		{"git, the refs", "GET", "http://forge.example/o/r.git/info/refs?service=git-upload-pack", "Git-Protocol: version=2\nUser-Agent: git/2.39.5", ""},
		{"git, the refs of a private repository", "GET", "http://forge.example/o/r.git/info/refs?service=git-upload-pack", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+made(t, "{{github:ghp}}"))), ""},
		{"git, a fetch", "POST", "http://forge.example/o/r.git/git-upload-pack", "Content-Type: application/x-git-upload-pack-request", wants},
		{"git, a large fetch", "POST", "http://forge.example/o/r.git/git-upload-pack", "Content-Type: application/x-git-upload-pack-request\nContent-Encoding: gzip", gzipped(strings.Repeat(wants, 20))},
		{"git, a push", "POST", "http://forge.example/o/r.git/git-receive-pack", "Content-Type: application/x-git-receive-pack-request", "00a5" + digest(14)[:40] + " " + digest(15)[:40] + " refs/heads/main\x00 report-status-v2 side-band-64k object-format=sha1 agent=git/2.39.50000PACK\x00\x00\x00\x02" + static(16, 200_000)},
		{"git LFS, a batch", "POST", "http://forge.example/o/r.git/info/lfs/objects/batch", "Content-Type: application/vnd.git-lfs+json", lfs},
		{"git LFS, an object", "PUT", "http://forge.example/lfs/" + digest(13), "Content-Type: application/octet-stream", static(17, 300_000)},
		{"a forge's API with a token", "GET", "http://forge.example/api/v3/user", "Authorization: token {{github:ghp}}\nX-GitHub-Api-Version: 2022-11-28", ""},
		{"a forge's API, a pull request", "POST", "http://forge.example/repos/o/r/pulls", "Authorization: Bearer {{github:ghs}}", `{"title":"Fix","head":"fix-` + digest(18)[:7] + `","base":"main","body":"Fixes #12, see ` + digest(18)[:40] + `"}`},
		{"a forge's API, an SSH key that is public", "POST", "http://forge.example/user/keys", "Content-Type: application/json", `{"title":"laptop","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI` + inBase64(19, 32)[:43] + ` me@laptop"}`},
		{"images, is it a registry", "GET", "http://images.example/v2/", "User-Agent: containerd/1.7.24", ""},
		{"images, a login", "GET", "http://images.example/token?account=me&scope=repository%3Alibrary%2Fpython%3Apull&service=images.example", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+made(t, "{{alnum:20}}"))), ""},
		{"images, a manifest", "GET", "http://images.example/v2/library/python/manifests/sha256:" + digest(20), "Accept: application/vnd.oci.image.index.v1+json\nAuthorization: Bearer {{jwt}}", ""},
		{"images, is a layer there", "HEAD", "http://images.example/v2/library/python/blobs/sha256:" + digest(21), "Authorization: Bearer {{jwt}}", ""},
		{"images, a layer of another image", "POST", "http://images.example/v2/me/app/blobs/uploads/?from=library%2Fpython&mount=sha256:" + digest(22), "Authorization: Bearer {{jwt}}", ""},
		{"images, a piece of a layer", "PATCH", "http://images.example/v2/me/app/blobs/uploads/{{uuid}}?_state=" + strings.NewReplacer("+", "-", "/", "_").Replace(inBase64(23, 90)), "Content-Type: application/octet-stream\nContent-Range: 0-499999\nAuthorization: Bearer {{jwt}}", gzipped(static(24, 500_000))},
		{"images, the end of a layer", "PUT", "http://images.example/v2/me/app/blobs/uploads/{{uuid}}?digest=sha256%3A" + digest(25), "Authorization: Bearer {{jwt}}", ""},
		{"images, a manifest is put", "PUT", "http://images.example/v2/me/app/manifests/v1.2.3", "Content-Type: application/vnd.oci.image.manifest.v1+json", manifest},
	}
}

// models is what agents say to models and to tools.
func models(t *testing.T) []call {
	const openai, json = "Authorization: Bearer sk-proj-{{alnum:74}}T3BlbkFJ{{alnum:74}}\n", "Content-Type: application/json\n"
	picture := "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(photo(30, 120_000)))
	batch, lines := form(t, [2]string{"purpose", "batch"}, [2]string{"file=batch.jsonl", numbered(200, `{"custom_id":"r-%d","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}`+"\n")})
	chat := `{"model":"gpt-x","stream":true,"messages":[{"role":"system","content":"You are a careful engineer."},{"role":"user","content":[{"type":"text","text":"What is in this picture?"},{"type":"image_url","image_url":{"url":"` + picture + `"}}]}],"tools":[{"type":"function","function":{"name":"run","parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}}}],"seed":1234567890123}`
	messages := `{"model":"claude-x","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + base64.StdEncoding.EncodeToString([]byte(photo(31, 80_000))) + `"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"` + base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\n"+static(32, 60_000))) + `"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"...","signature":"` + inBase64(33, 200) + `"},{"type":"tool_use","id":"toolu_01` + digest(34)[:22] + `","name":"bash","input":{"command":"ls -la"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01` + digest(34)[:22] + `","content":"total 0"}]}]}`
	return []call{
		{"a chat with a picture", "POST", "http://openai.example/v1/chat/completions", openai + json, chat},
		{"a chat of a hundred turns", "POST", "http://openai.example/v1/chat/completions", openai + json, `{"messages":[` + strings.TrimSuffix(numbered(100, `{"role":"user","content":"In turn %d, please rename the variable password_hash to digest and run make test again."},`), ",") + `]}`},
		{"an answer's id", "GET", "http://openai.example/v1/responses/resp_" + digest(35)[:48], openai, ""},
		{"embeddings of tokens", "POST", "http://openai.example/v1/embeddings", openai + json, `{"model":"e","input":[[` + strings.TrimSuffix(numbered(3000, "%d,"), ",") + `]]}`},
		{"a batch of chats", "POST", "http://openai.example/v1/files", openai + batch, lines},
		{"messages with a picture and a document", "POST", "http://anthropic.example/v1/messages", json + "X-Api-Key: sk-ant-api03-{{base64url:93}}AA\nAnthropic-Version: 2023-06-01", messages},
		{"a key in the query, to its own host", "POST", "http://gemini.example/v1beta/models/g:generateContent?key=AIza{{base64url:35}}", json, `{"contents":[{"parts":[{"text":"hi"},{"inline_data":{"mime_type":"image/jpeg","data":"` + inBase64(36, 40_000) + `"}}]}]}`},
		{"a model of one's own", "POST", "http://tools.example:11434/api/generate", json, `{"model":"llama3","prompt":"Why is the sky blue?","context":[` + strings.TrimSuffix(numbered(500, "%d,"), ",") + `]}`},
		{"MCP, the first word", "POST", "http://tools.example/mcp", json + "Accept: application/json, text/event-stream\nMcp-Protocol-Version: 2025-06-18", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"agent","version":"1.0"}}}`},
		{"MCP, a tool", "POST", "http://tools.example/mcp", json + "Mcp-Session-Id: {{uuid}}", `{"jsonrpc":"2.0","id":"` + digest(37)[:32] + `","method":"tools/call","params":{"name":"search","arguments":{"query":"rate limits"},"_meta":{"progressToken":"` + digest(45)[:16] + `"}}}`},
		{"MCP, events", "GET", "http://tools.example/mcp", "Accept: text/event-stream\nLast-Event-Id: {{uuid}}_42\nMcp-Session-Id: {{uuid}}", ""},
		{"a search", "GET", "http://tools.example/search?q=how+to+rotate+an+api+key+in+production&safe=off", "", ""},
		{"a page", "GET", "http://tools.example/docs/reference/authentication?utm_source=x&fbclid=" + strings.NewReplacer("+", "-", "/", "_").Replace(inBase64(39, 45)), "Accept-Language: de-DE,de;q=0.9", ""},
		{"code for a review", "POST", "http://tools.example/review", "Content-Type: text/x-python", "import os\n\ndef connect():\n    password = os.environ[\"DB_PASSWORD\"]\n    token = get_token(user_id)\n    api_key = settings.API_KEY\n    return Client(password=password, token=token, key=api_key)\n"},
		{"a diff", "POST", "http://tools.example/review", "Content-Type: text/x-diff", "diff --git a/x b/x\nindex " + digest(40)[:7] + ".." + digest(41)[:7] + " 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-secret = os.getenv(\"SECRET\")\n+secret = vault.read(\"kv/app\")[\"secret\"]\n"},
		{"a notebook with a plot", "POST", "http://tools.example/notebooks", json, fmt.Sprintf(`{"cells":[{"cell_type":"code","id":"%s","outputs":[{"data":{"image/png":"%s"}}]}]}`, digest(42)[:8], inBase64(43, 50_000))},
	}
}
