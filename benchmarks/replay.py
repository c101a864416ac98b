"""A fast stand-in for AWS, so that the client is what is measured: answers recorded from moto, served from memory after a chosen delay."""

import asyncio
import json
import re
import sys
from collections import Counter
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

AUTH = re.compile(r"Credential=[^/]+/\d+/([^/]*)/([^/]+)/aws4")
KEEP = ("content-type", "x-amzn-requestid", "x-amz-request-id", "x-amzn-errortype", "x-amzn-query-error", "date")


class Replay:
    """Answers by what is asked; what was not recorded is fetched once from `upstream`, if there is one, and counted as a miss if not."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.answers, self.delay = upstream, dict[str, bytes](), 0.0
        self.calls: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _ = lines[0].split(" ", 2)
                if target.startswith("/__"):
                    writer.write(self.control(target))
                    continue
                answer = await self.answer(method, target, headers, body)
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        found = AUTH.search(headers.get("authorization", ""))
        place = "/".join(found.groups()) if found else "-"
        query = sorted(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        key = json.dumps([place, method, urlsplit(target).path, query, headers.get("x-amz-target", ""), body.decode("latin1")])
        self.calls[key] += 1
        if key not in self.answers:
            self.misses[f"{place} {method} {target}"] += 1
            self.answers[key] = await asyncio.to_thread(self.fetch, method, target, headers, body)
        return self.answers[key]

    def fetch(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        sent = {k: v for k, v in headers.items() if k not in ("connection", "content-length", "expect", "transfer-encoding")}
        try:
            with urlopen(Request(self.upstream + target, data=body or None, headers=sent, method=method)) as answer:
                status, got, data = answer.status, answer.headers, answer.read()
        except HTTPError as error:
            status, got, data = error.code, error.headers, error.read()
        kept = "".join(f"{k}: {got[k]}\r\n" for k in KEEP if got.get(k))
        return f"HTTP/1.1 {status} X\r\n{kept}Content-Length: {len(data)}\r\n\r\n".encode() + data

    def control(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path == "/__delay":
            self.delay = float(dict(parse_qsl(parts.query))["ms"]) / 1000
        if parts.path == "/__reset":
            self.calls.clear()
            self.misses.clear()
        said = {"calls": self.calls.total(), "distinct": len(self.calls), "misses": dict(self.misses)}
        data = json.dumps(said).encode()
        return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


async def main(port: int, upstream: str) -> None:
    server = await asyncio.start_server(Replay(upstream).serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
