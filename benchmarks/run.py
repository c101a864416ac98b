"""What the performance claims rest on: every check over a standard account, against a bare boto3 script that makes the same calls.

Both run in turn, as whole processes, against answers served from memory; what is printed are medians and the ratio of the pairs. Nothing
here passes or fails: machines are noisy.  `python benchmarks/run.py [--pairs 5] [--delays 0,20] [--scale 1]`
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3

from controlmon.demo.server import AwsServer

HERE = Path(__file__).parent
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIABENCHMARK0000000", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}  # fmt: skip


def populate(url: str, scale: int) -> None:
    """Users, roles, buckets, keys, volumes, groups, databases, tables and a trail."""

    def client(service: str) -> Any:
        return boto3.client(
            service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKIABENCHMARK0000000", aws_secret_access_key="x"
        )

    iam, s3, ec2, rds, kms, dynamodb = (client(s) for s in ("iam", "s3", "ec2", "rds", "kms", "dynamodb"))
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        }
    )
    for i in range(50 * scale):
        iam.create_user(UserName=f"user-{i:05}")
        if i % 2:
            iam.create_access_key(UserName=f"user-{i:05}")
    for i in range(40 * scale):
        iam.create_role(RoleName=f"role-{i:05}", AssumeRolePolicyDocument=trust)
    for i in range(200 * scale):
        s3.create_bucket(Bucket=f"bench-{i:06}")
    for _ in range(40 * scale):
        kms.create_key()
    for i in range(200 * scale):
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=bool(i % 2))
    for i in range(50 * scale):
        group = ec2.create_security_group(GroupName=f"sg-{i}", Description="x")["GroupId"]
        ports = {"IpProtocol": "tcp", "FromPort": 22 if i % 5 == 0 else 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ports])
    for i in range(30 * scale):
        rds.create_db_instance(DBInstanceIdentifier=f"db-{i}", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=5,
                               MasterUsername="u", MasterUserPassword="password123")  # fmt: skip
    for i in range(20 * scale):
        dynamodb.create_table(TableName=f"table-{i}", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])  # fmt: skip
    client("cloudtrail").create_trail(Name="trail", S3BucketName="bench-000000", IsMultiRegionTrail=True)
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass


def measure(command: list[str], url: str, state: str) -> dict[str, float]:
    """Wall and CPU seconds and peak memory (MB) of one process, by the operating system's own account."""
    environment = {**os.environ, **ENVIRONMENT, "AWS_ENDPOINT_URL": url, "CONTROLMON_STATE_DIR": state}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=state)
    _, _, used = os.wait4(process.pid, 0)
    return {"wall": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def told(url: str, path: str) -> dict[str, Any]:
    with urlopen(f"{url}{path}") as answer:
        said: dict[str, Any] = json.load(answer)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--delays", default="0,20")
    parser.add_argument("--scale", type=int, default=1)
    chosen = parser.parse_args()
    with AwsServer() as moto, tempfile.TemporaryDirectory() as scratch:
        populate(moto.url, chosen.scale)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen([sys.executable, str(HERE / "replay.py"), str(port), moto.url])
        try:
            time.sleep(0.5)
            ours = [sys.executable, "-m", "controlmon", "run", "--region", "us-east-1", "--format", "json"]
            bare = [sys.executable, str(HERE / "bare.py")]
            calls = {}
            for name, command in (("controlmon", ours), ("bare", bare)):
                measure(command, url, scratch)  # this one records
                told(url, "/__reset")
                measure(command, url, scratch)
                calls[name] = told(url, "/__stats")
            print(f"calls: controlmon {calls['controlmon']['calls']}, bare {calls['bare']['calls']}")
            for delay in chosen.delays.split(","):
                told(url, f"/__delay?ms={delay}")
                pairs = [(measure(ours, url, scratch), measure(bare, url, scratch)) for _ in range(chosen.pairs)]
                for figure in ("wall", "cpu", "memory"):
                    a, b = statistics.median(p[0][figure] for p in pairs), statistics.median(p[1][figure] for p in pairs)
                    ratio = statistics.median(p[0][figure] / p[1][figure] for p in pairs)
                    print(f"{delay:>3} ms  {figure:<6}  controlmon {a:8.2f}  bare {b:8.2f}  ratio {ratio:5.2f}")
        finally:
            server.kill()
            server.wait()
    helped = [measure([sys.executable, "-m", "controlmon", "--help"], "", tempfile.gettempdir())["cpu"] for _ in range(5)]
    print(f"controlmon --help: {statistics.median(helped):.3f} s of CPU")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    main()
