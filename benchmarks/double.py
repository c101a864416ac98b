"""AWS from memory, as large as is wanted: accounts behind roles, buckets, volumes; each answer after a chosen delay.

`python benchmarks/double.py PORT BUCKETS VOLUMES MILLISECONDS`. It holds no lists: what it answers is made as it is asked.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from urllib.parse import parse_qs, urlsplit

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]*)/([^/]+)/aws4")
HOME = "123456789012"
AT = "2026-11-25T12:00:00.000Z"


class Double:
    """Every account; which one is told by the access key, as AssumeRole gave it."""

    def __init__(self, buckets: int, volumes: int, delay: float) -> None:
        self.buckets, self.volumes, self.delay = buckets, volumes, delay
        self.calls: Counter[str] = Counter()
        self.at_once = self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
                target = lines[0].split(" ")[1]
                if target == "/__stats":
                    writer.write(_http("application/json", json.dumps({"calls": self.calls, "most": self.most})))
                    continue
                self.at_once += 1
                self.most = max(self.most, self.at_once)
                await asyncio.sleep(self.delay)
                kind, answer = self.answer(target, headers, body)
                self.at_once -= 1
                writer.write(_http(kind, answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, target: str, headers: dict[str, str], body: str) -> tuple[str, str]:
        found = CREDENTIAL.search(headers.get("authorization", ""))
        key, service = (found[1], found[3]) if found else ("", "")
        account = key[-12:] if key[-12:].isdecimal() else HOME
        if service == "s3":
            return "application/xml", self._s3(urlsplit(target).path, parse_qs(urlsplit(target).query, keep_blank_values=True))
        if service == "kms":
            self.calls["kms:DescribeKey"] += 1
            arn = json.loads(body)["KeyId"]
            told = {"KeyId": arn, "Arn": arn, "AWSAccountId": account, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": True}
            return "application/x-amz-json-1.1", json.dumps({"KeyMetadata": told})
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.calls[f"{service}:{form['Action']}"] += 1
        return "text/xml", self._query(form, account)

    def _query(self, form: dict[str, str], account: str) -> str:
        action = form["Action"]
        if action == "AssumeRole":
            to = form["RoleArn"].split(":")[4]
            keys = f"<AccessKeyId>ASIA{to}</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken>"
            told = f"<Credentials>{keys}<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        elif action == "GetCallerIdentity":
            told = f"<Arn>arn:aws:iam::{account}:user/bench</Arn><UserId>x</UserId><Account>{account}</Account>"
        elif action == "DescribeVolumes":
            return self._volumes(int(form.get("NextToken", 0)), int(form["MaxResults"]), account)
        else:
            raise ValueError(action)
        return f"<{action}Response><{action}Result>{told}</{action}Result></{action}Response>"

    def _volumes(self, start: int, size: int, account: str) -> str:
        end = min(start + size, self.volumes)
        key = f"arn:aws:kms:us-east-1:{account}:key/"
        rows = "".join(
            f"<item><volumeId>vol-{i:017x}</volumeId><size>8</size><status>in-use</status><encrypted>true</encrypted>"
            f"<kmsKeyId>{key}{i % 10}</kmsKeyId>"
            f"<createTime>{AT}</createTime><availabilityZone>us-east-1a</availabilityZone><volumeType>gp3</volumeType></item>"
            for i in range(start, end)
        )
        more = f"<nextToken>{end}</nextToken>" if end < self.volumes else ""
        return f"<DescribeVolumesResponse><volumeSet>{rows}</volumeSet>{more}</DescribeVolumesResponse>"

    def _s3(self, path: str, query: dict[str, list[str]]) -> str:
        if "encryption" in query:
            self.calls["s3:GetBucketEncryption"] += 1
            rule = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
            return f"<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"
        if path != "/":
            raise ValueError(path)
        self.calls["s3:ListBuckets"] += 1
        start = int(query.get("continuation-token", ["0"])[0])
        end = min(start + int(query["max-buckets"][0]), self.buckets)
        rows = "".join(
            f"<Bucket><Name>bench-{i:06}</Name><CreationDate>{AT}</CreationDate><BucketRegion>us-east-1</BucketRegion></Bucket>"
            for i in range(start, end)
        )
        more = f"<ContinuationToken>{end}</ContinuationToken>" if end < self.buckets else ""
        return f"<ListAllMyBucketsResult><Buckets>{rows}</Buckets>{more}</ListAllMyBucketsResult>"


def _http(kind: str, text: str) -> bytes:
    data = text.encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nx-amzn-requestid: r\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


async def main(port: int, buckets: int, volumes: int, milliseconds: float) -> None:
    server = await asyncio.start_server(Double(buckets, volumes, milliseconds / 1000).serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
