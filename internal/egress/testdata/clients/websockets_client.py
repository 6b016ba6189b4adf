"""websockets: ws and wss through CONNECT and SOCKS5, over sockets made for it."""
import asyncio
import os
import socket
import ssl
import socks
import websockets

GATEWAY, CA, SECRET = os.environ["GATEWAY"], os.environ["CA"], os.environ["SECRET"]
HOST, PORT = GATEWAY.split(":")
CTX = ssl.create_default_context(cafile=CA)


def connect(host, port):
    s = socket.create_connection((HOST, int(PORT)))
    s.sendall(b"CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host.encode(), port, host.encode(), port))
    head = b""
    while b"\r\n\r\n" not in head:
        more = s.recv(1)
        if not more:
            break
        head += more
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ConnectionError(head.split(b"\r\n")[0].decode())
    return s


def by_socks(host, port):
    s = socks.socksocket()
    s.set_proxy(socks.SOCKS5, HOST, int(PORT), rdns=True)
    try:
        s.connect((host, port))
    except socks.ProxyError as e:
        raise ConnectionError(str(e))
    return s


async def talk(entry, way, url, host, port):
    tls = {"ssl": CTX, "server_hostname": host} if url.startswith("wss") else {}
    async with websockets.connect(url, sock=way(host, port), **tls) as ws:
        got = []
        for text in ("hello", "", "x" * 1000):
            await ws.send(text)
            got.append(await ws.recv())
        await ws.send(b"\x00\xff")
        got.append(await ws.recv())
        await (await ws.ping())
        print(entry, url.split(":")[0], got[0], len(got[2]), got[3].hex())


async def main():
    for entry, way in (("connect", connect), ("socks5", by_socks)):
        await talk(entry, way, "ws://ws.ok.example/chat", "ws.ok.example", 80)
        await talk(entry, way, "wss://ws.ok.example/chat", "ws.ok.example", 443)
        try:
            way("evil.example", 80)
        except ConnectionError as e:
            print(entry, "denied", e)
        for what, url, fields in (("field", "ws://ws.ok.example/", {"X-Note": SECRET}), ("query", "ws://ws.ok.example/?q=" + SECRET, {})):
            try:
                async with websockets.connect(url, sock=way("ws.ok.example", 80), extra_headers=fields):
                    print(entry, "leak in", what, "passed")
            except websockets.exceptions.InvalidStatusCode as e:
                print(entry, "leak in", what, e.status_code, e.headers["X-Cordon-Decision"])
    print("done")

asyncio.run(main())
