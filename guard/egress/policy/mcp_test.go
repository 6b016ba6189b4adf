package policy_test

// mcpScenarios go on where scenarios end.
const mcpScenarios = `
# a request that was not seen yet may turn out to be more than HTTP
{host: a.example, protocols: [ws]}
  ws://a.example/chat                 allow rule
  a.example:80 http                   allow rule
  a.example:443 http tls              deny protocol_mismatch
  GET http://a.example/chat           deny protocol_mismatch
{host: a.example, protocols: [mcp]}
  POST http://a.example/mcp mcp       allow rule
  a.example:80 http                   allow rule
  POST http://a.example/mcp           deny protocol_mismatch
  ws://a.example/mcp                  deny protocol_mismatch
  a.example:443 tls                   deny protocol_mismatch
  POST https://a.example/mcp mcp      allow rule
{host: a.example, protocols: [http]}
  POST http://a.example/mcp mcp       allow rule
  POST https://a.example/mcp mcp      deny protocol_mismatch
{host: a.example, protocols: [https]}
  POST https://a.example/mcp mcp      allow rule
  POST http://a.example/mcp mcp       deny protocol_mismatch
{host: a.example, protocols: [mcp], paths: [/mcp]}
  POST http://a.example/mcp mcp       allow rule
  POST http://a.example/other mcp     deny path_mismatch

# tools of MCP
{host: a.example, tools: [search, "files_*"]}
  a.example:80                        allow rule
  a.example:80 http                   allow rule
  POST http://a.example/mcp mcp       allow rule
  POST http://a.example/mcp mcp calls=search           allow rule
  POST http://a.example/mcp mcp calls=files_read,search allow rule
  POST http://a.example/mcp mcp calls=search,shell     deny tool_mismatch
  POST http://a.example/mcp mcp calls=Search           deny tool_mismatch
  POST http://a.example/mcp mcp calls=search2          deny tool_mismatch
  POST http://a.example/mcp           deny protocol_mismatch
  a.example:443 tls                   deny protocol_mismatch
  ws://a.example/mcp                  deny protocol_mismatch
`
