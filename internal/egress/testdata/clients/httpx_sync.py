"""httpx, one call after the other: HTTP, HTTPS, SOCKS5; allowed, denied, a leak."""
import os
import httpx

PROXY, SOCKS, CA, SECRET = (os.environ[n] for n in ("PROXY", "SOCKS", "CA", "SECRET"))

for entry, proxy in (("proxy", PROXY), ("socks5", SOCKS)):
    with httpx.Client(proxies=proxy, verify=CA, trust_env=False) as c:
        print(entry, "http", c.get("http://ok.example/?size=3").text)
        print(entry, "https", c.get("https://ok.example/?size=4").text)
        print(entry, "post", c.post("http://ok.example/", content=b"x" * 500).headers["x-got"])
        with c.stream("GET", "http://ok.example/?size=70000&framing=chunked") as r:
            print(entry, "streamed", sum(len(b) for b in r.iter_bytes()))
        try:
            r = c.get("http://evil.example/")
            print(entry, "denied", r.status_code, r.json()["reason"])
        except httpx.TransportError as e:
            print(entry, "denied", type(e).__name__)
        try:
            c.get("https://evil.example/")
        except httpx.TransportError as e:
            print(entry, "tunnel denied", type(e).__name__)
        for what, call in (("body", lambda: c.post("http://ok.example/", json={"note": SECRET})),
                           ("field", lambda: c.get("http://ok.example/", headers={"X-Note": SECRET})),
                           ("query", lambda: c.get("http://ok.example/", params={"q": SECRET}))):
            r = call()
            print(entry, "leak in", what, r.status_code, r.json()["reason"])
print("done")
