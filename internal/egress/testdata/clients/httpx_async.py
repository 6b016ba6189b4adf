"""httpx with asyncio: many at once, over one client."""
import asyncio
import os
import httpx

PROXY, SOCKS, CA, SECRET = (os.environ[n] for n in ("PROXY", "SOCKS", "CA", "SECRET"))


async def through(entry, proxy):
    async with httpx.AsyncClient(proxies=proxy, verify=CA, trust_env=False) as c:
        both = await asyncio.gather(c.get("http://ok.example/?size=3"), c.get("https://ok.example/?size=4"))
        print(entry, "http", both[0].text)
        print(entry, "https", both[1].text)
        many = await asyncio.gather(*(c.get(f"http://ok.example/?size={n}") for n in range(40)))
        print(entry, "many", sum(len(r.text) for r in many))

        async def pieces():
            for _ in range(50):
                yield b"piece "
        print(entry, "post", (await c.post("http://ok.example/", content=pieces())).headers["x-got"])
        try:
            r = await c.get("http://evil.example/")
            print(entry, "denied", r.status_code, r.json()["reason"])
        except httpx.TransportError as e:
            print(entry, "denied", type(e).__name__)
        try:
            await c.get("https://evil.example/")
        except httpx.TransportError as e:
            print(entry, "tunnel denied", type(e).__name__)
        r = await c.post("http://ok.example/", data={"note": SECRET})
        print(entry, "leak in form", r.status_code, r.json()["reason"])
        r = await c.post("http://ok.example/", files={"f": ("notes.txt", "key: " + SECRET)})
        print(entry, "leak in file", r.status_code, r.json()["reason"])


async def main():
    await through("proxy", PROXY)
    await through("socks5", SOCKS)
    print("done")

asyncio.run(main())
