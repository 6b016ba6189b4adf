"""aiohttp: its own proxy support, and SOCKS5 by aiohttp_socks."""
import asyncio
import os
import ssl
import aiohttp
from aiohttp_socks import ProxyConnector, ProxyError

PROXY, SOCKS, CA, SECRET = (os.environ[n] for n in ("PROXY", "SOCKS", "CA", "SECRET"))
CTX = ssl.create_default_context(cafile=CA)


async def calls(entry, s, **how):
    async def get(url, **more):
        async with s.get(url, ssl=CTX if url.startswith("https") else None, **how, **more) as r:
            return r, await r.text()
    print(entry, "http", (await get("http://ok.example/?size=3"))[1])
    print(entry, "https", (await get("https://ok.example/?size=4"))[1])
    many = await asyncio.gather(*(get(f"http://ok.example/?size={n}&framing=chunked") for n in range(40)))
    print(entry, "many", sum(len(text) for _, text in many))
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 1000, filename="a.bin", content_type="application/octet-stream")
    async with s.post("http://ok.example/", data=form, **how) as r:
        print(entry, "upload", r.status)
    try:
        async with s.get("http://evil.example/", **how) as r:
            print(entry, "denied", r.status, (await r.json(content_type=None))["reason"])
    except (aiohttp.ClientError, ProxyError) as e:
        print(entry, "denied", type(e).__name__)
    try:
        await get("https://evil.example/")
    except (aiohttp.ClientError, ProxyError) as e:
        print(entry, "tunnel denied", type(e).__name__)
    async with s.post("http://ok.example/", json={"a": {"b": SECRET}}, **how) as r:
        print(entry, "leak in body", r.status, (await r.json(content_type=None))["reason"])
    async with s.get("http://ok.example/", cookies={"c": SECRET}, **how) as r:
        print(entry, "leak in cookie", r.status, (await r.json(content_type=None))["reason"])


async def main():
    async with aiohttp.ClientSession() as s:
        await calls("proxy", s, proxy=PROXY)
    async with aiohttp.ClientSession(connector=ProxyConnector.from_url(SOCKS, rdns=True)) as s:
        await calls("socks5", s)
    print("done")

asyncio.run(main())
